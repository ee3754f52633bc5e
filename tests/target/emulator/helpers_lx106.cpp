// Arithmetic with 64 bits, which the ROM of an ESP8266 has. There as here it does its work with gcc's own functions.

#include <cstdint>

extern "C" {

uint64_t __umulsidi3(uint32_t left, uint32_t right);
uint64_t __udivmoddi4(uint64_t number, uint64_t by, uint64_t *rest);
int64_t __divmoddi4(int64_t number, int64_t by, int64_t *rest);

uint64_t __muldi3(uint64_t left, uint64_t right) {
  const auto left_low = static_cast<uint32_t>(left);
  const auto right_low = static_cast<uint32_t>(right);
  const uint32_t high = left_low * static_cast<uint32_t>(right >> 32) + static_cast<uint32_t>(left >> 32) * right_low;
  return __umulsidi3(left_low, right_low) + (static_cast<uint64_t>(high) << 32);
}

uint64_t __udivdi3(uint64_t number, uint64_t by) { return __udivmoddi4(number, by, nullptr); }

uint64_t __umoddi3(uint64_t number, uint64_t by) {
  uint64_t rest;
  __udivmoddi4(number, by, &rest);
  return rest;
}

int64_t __divdi3(int64_t number, int64_t by) {
  int64_t rest;
  return __divmoddi4(number, by, &rest);
}

}  // extern "C"
