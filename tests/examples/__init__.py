"""The example configurations, and the packages from which to build one."""
