// The parts that the two bare processors share.

#include <cstring>

#include "machine.h"

extern "C" char stack_bottom[];

namespace {

constexpr uint8_t PATTERN = 0xA5;
char *painted_from;
char *painted_to;

}  // namespace

void figures(const char *name, uint32_t value) {
  write_out("figure ", 7);
  write_out(name, std::strlen(name));
  char digits[12];
  size_t i = sizeof(digits);
  digits[--i] = '\n';
  do {
    digits[--i] = static_cast<char>('0' + value % 10);
  } while ((value /= 10) != 0);
  digits[--i] = ' ';
  write_out(digits + i, sizeof(digits) - i);
}

void paint_stack() {
  char here;
  painted_from = stack_bottom;
  // The frames of this function and of what it calls stay clean.
  painted_to = &here - 256;
  for (char *byte = painted_from; byte < painted_to; byte++)
    *byte = static_cast<char>(PATTERN);
}

uint32_t painted_stack_used() {
  char *byte = painted_from;
  while (byte < painted_to && *byte == static_cast<char>(PATTERN))
    byte++;
  return static_cast<uint32_t>(painted_to - byte) + 256;
}
