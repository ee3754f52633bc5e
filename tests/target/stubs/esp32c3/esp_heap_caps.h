#pragma once

#include <cstddef>
#include <cstdint>

#define MALLOC_CAP_8BIT (1U << 2)
#define MALLOC_CAP_INTERNAL (1U << 11)
#define MALLOC_CAP_SPIRAM (1U << 10)

extern "C" {
size_t heap_caps_get_free_size(uint32_t caps);
size_t heap_caps_get_largest_free_block(uint32_t caps);
}
