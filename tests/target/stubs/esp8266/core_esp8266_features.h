#pragma once

#include <cstdint>

uint32_t esp_get_cycle_count();
