#pragma once

#include <cstdint>

namespace esphome::multical::kmp {

/// Adds one byte to a CRC-16 with polynomial 0x1021, start value 0, not reflected (CRC-16/XMODEM; doc, 3.2).
///
/// Over address, command and data it gives the two bytes that follow them, high byte first; over all of these and the
/// CRC itself it gives 0. Works without a table: on an ESP8266 a table would take RAM.
///
/// Because it starts and ends at 0 it does not see zeros before the data, nor two frames that run into one: what a
/// reply consists of must be checked as well.
inline constexpr uint16_t crc16_add(uint16_t crc, uint8_t byte) {
  crc = static_cast<uint16_t>((crc >> 8) | (crc << 8));
  crc = static_cast<uint16_t>(crc ^ byte);
  crc = static_cast<uint16_t>(crc ^ ((crc & 0xFF) >> 4));
  crc = static_cast<uint16_t>(crc ^ (crc << 12));
  crc = static_cast<uint16_t>(crc ^ ((crc & 0xFF) << 5));
  return crc;
}

}  // namespace esphome::multical::kmp
