"""Compiled firmware against the virtual meter, seen through the native API."""
