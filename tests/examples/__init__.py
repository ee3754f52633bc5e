"""The example configurations, and the packages to put one together from."""
