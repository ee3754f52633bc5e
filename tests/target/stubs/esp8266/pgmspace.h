#pragma once

#include <cstdarg>
#include <cstddef>
#include <cstdint>

// As in the core, a text of the flash has its own section; the linker puts it into the flash.
#define PROGMEM __attribute__((section(".irom.text.progmem")))
#define PSTR(text)                                                               \
  (__extension__({                                                               \
    static const char flash_text[] __attribute__((aligned(4))) PROGMEM = (text); \
    &flash_text[0];                                                              \
  }))
#define PGM_P const char *
#define PGM_VOID_P const void *

#define pgm_read_byte(address) (*reinterpret_cast<const uint8_t *>(address))
#define pgm_read_word(address) (*reinterpret_cast<const uint16_t *>(address))
#define pgm_read_ptr(address) (*reinterpret_cast<const void *const *>(address))

extern "C" {
int memcmp_P(const void *left, PGM_VOID_P right, size_t size);
void *memcpy_P(void *target, PGM_VOID_P source, size_t size);
int strcasecmp_P(const char *left, PGM_P right);
int strcmp_P(const char *left, PGM_P right);
size_t strlen_P(PGM_P text);
int strncasecmp_P(const char *left, PGM_P right, size_t size);
char *strncpy_P(char *target, PGM_P source, size_t size);
size_t strnlen_P(PGM_P text, size_t size);
int vsnprintf_P(char *target, size_t size, PGM_P format, va_list arguments);
}
