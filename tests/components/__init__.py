"""What ESPHome makes of YAML with `multical:` in it: accepted, refused, and turned into C++."""
