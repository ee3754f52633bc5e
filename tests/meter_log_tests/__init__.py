"""The reading of a meter's own history."""
