"""What ESPHome does with YAML that has `multical:`: it is accepted, refused, or turned into C++."""
