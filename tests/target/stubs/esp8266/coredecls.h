#pragma once

#include <cstdint>

extern "C" void esp_schedule();

void esp_delay(uint32_t milliseconds);
template<typename T> void esp_delay(uint32_t milliseconds, T &&is_blocked) {
  while (is_blocked())
    esp_delay(milliseconds);
}
