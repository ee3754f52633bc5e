"""A device in a real Home Assistant: the core, its esphome integration, and a browser."""
