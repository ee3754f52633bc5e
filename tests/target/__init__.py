"""The component on its processors: compiled by their compilers, run in emulators."""
