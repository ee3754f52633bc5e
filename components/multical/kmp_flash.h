#pragma once

#include <cstdint>

/// KMP_FLASH(NAME) puts the constant table NAME into flash on an ESP8266, where constants otherwise take RAM. Each
/// table has a section of its own, which the linker leaves out when nothing reads it. That flash can be read only in
/// aligned words of 32 bits; any other access crashes the processor. On all other targets this file does nothing.
#ifdef ESP8266
#define KMP_FLASH(name) __attribute__((section(".irom.text.multical_" #name), aligned(4)))
#else
#define KMP_FLASH(name)
#endif

namespace esphome::multical::kmp {

/// Reads one word of a KMP_FLASH table. Volatile, because the compiler may otherwise load just the bytes it needs.
inline uint32_t read_flash_word(const uint32_t *word) { return *static_cast<const volatile uint32_t *>(word); }

/// Reads one byte of a KMP_FLASH table.
inline char read_flash_char(const char *character) {
#ifdef ESP8266
  const auto address = reinterpret_cast<uintptr_t>(character);
  const uint32_t word = read_flash_word(reinterpret_cast<const uint32_t *>(address & ~uintptr_t{3}));
  return static_cast<char>(word >> (8 * (address & 3)));
#else
  return *character;
#endif
}

}  // namespace esphome::multical::kmp
