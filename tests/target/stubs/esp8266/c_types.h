#pragma once

#include <cstdint>

#define ICACHE_RAM_ATTR __attribute__((section(".iram.text")))
#define IRAM_ATTR ICACHE_RAM_ATTR
