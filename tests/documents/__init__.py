"""The documents that people read and copy from."""
