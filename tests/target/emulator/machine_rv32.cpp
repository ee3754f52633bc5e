#include "machine.h"

namespace {

// The serial port and the power switch of QEMU's machine "virt".
volatile uint8_t *const SERIAL_PORT = reinterpret_cast<volatile uint8_t *>(0x10000000);
volatile uint32_t *const POWER_SWITCH = reinterpret_cast<volatile uint32_t *>(0x100000);
constexpr uint32_t POWER_OFF = 0x5555;

}  // namespace

int main();

void write_out(const char *text, size_t size) {
  for (size_t i = 0; i < size; i++)
    *SERIAL_PORT = static_cast<uint8_t>(text[i]);
}

uint32_t instructions() {
  uint32_t count;
  asm volatile(".option push\n.option arch, +zicsr\ncsrr %0, minstret\n.option pop" : "=r"(count));
  return count;
}

extern "C" void start_program() {
  main();
  *POWER_SWITCH = POWER_OFF;
}
