#pragma once

#include <cstdint>

class EspClass {
 public:
  uint32_t getFreeHeap();
  uint32_t getMaxFreeBlockSize();
};

extern EspClass ESP;
