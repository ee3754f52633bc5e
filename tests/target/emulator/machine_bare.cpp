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
  write_out(" ", 1);
  for (int shift = 28; shift >= 0; shift -= 4)
    write_out(&"0123456789ABCDEF"[value >> shift & 0xF], 1);
  write_out("\n", 1);
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
