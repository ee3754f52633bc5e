#pragma once

#include <cstddef>

class Stream {
 public:
  size_t write(const char *data, size_t size);
};

class HardwareSerial : public Stream {};
