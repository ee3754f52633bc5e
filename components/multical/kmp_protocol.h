#pragma once

#include <cstddef>
#include <cstdint>

/// The Kamstrup Meter Protocol (KMP), independent of ESPHome: no heap, no blocking, no meaning of registers.
///
/// Where a comment names a source: "doc" is Kamstrup's protocol description 5512-447 for MULTICAL 601 and 801; every
/// other statement was confirmed on captured frames of 402, 403 and 602 unless the comment says how sure it is.
namespace esphome::multical::kmp {

// Bytes with a special meaning on the line. Between start and stop, any byte that equals one of these is escaped:
// ESCAPE, then the byte with all bits inverted.
inline constexpr uint8_t START_OF_REQUEST = 0x80;
inline constexpr uint8_t START_OF_REPLY = 0x40;
inline constexpr uint8_t STOP = 0x0D;
inline constexpr uint8_t ACK = 0x06;
inline constexpr uint8_t ESCAPE = 0x1B;

/// The heat meter itself; 0x7F and 0xBF address logger modules, which this library does not talk to.
inline constexpr uint8_t ADDRESS_HEAT_METER = 0x3F;

/// The commands this library can send. All of them only read. KMP also has commands that write to a meter; they are
/// left out on purpose, so that no bug can send one.
enum class Command : uint8_t {
  GET_TYPE = 0x01,
  GET_SERIAL_NO = 0x02,
  GET_REGISTER = 0x10,
};

/// The most registers that one GetRegister request can ask for (doc, 6.2.4).
inline constexpr uint8_t MAX_REGISTERS = 8;

/// Bytes allowed for each register's value in the reply to a full request. 4 is usual, 7 (date and time) and 12 (text)
/// were captured; 16 leaves room and keeps the buffer small.
inline constexpr uint8_t MAX_VALUE_SIZE = 16;

// One byte on the line: start bit, 8 data bits, no parity, 2 stop bits at 1200 baud.
inline constexpr uint32_t BAUD_RATE = 1200;
inline constexpr uint8_t DATA_BITS = 8;
inline constexpr uint8_t STOP_BITS = 2;
inline constexpr uint32_t BITS_PER_BYTE = 1 + DATA_BITS + STOP_BITS;

/// Milliseconds that `bytes` bytes take on the line, rounded up.
inline constexpr uint32_t line_time_ms(size_t bytes) {
  return (static_cast<uint32_t>(bytes) * BITS_PER_BYTE * 1000 + BAUD_RATE - 1) / BAUD_RATE;
}

/// True for the five bytes that are escaped inside a frame.
inline constexpr bool must_be_escaped(uint8_t byte) {
  return byte == START_OF_REQUEST || byte == START_OF_REPLY || byte == STOP || byte == ACK || byte == ESCAPE;
}

/// Adds one byte to a CRC-16 with polynomial 0x1021, start value 0, not reflected (CRC-16/XMODEM; doc, 3.2).
///
/// Over address, command and data it gives the two bytes that follow them, high byte first; over all of these and the
/// CRC itself it gives 0. Works without a table: on an ESP8266 a table would take RAM.
///
/// Because it starts and ends at 0, it does not detect zeros before the data, nor two frames merged into one: the
/// contents of a reply must be checked as well.
inline constexpr uint16_t crc16_add(uint16_t crc, uint8_t byte) {
  crc = static_cast<uint16_t>((crc >> 8) | (crc << 8));
  crc = static_cast<uint16_t>(crc ^ byte);
  crc = static_cast<uint16_t>(crc ^ ((crc & 0xFF) >> 4));
  crc = static_cast<uint16_t>(crc ^ (crc << 12));
  crc = static_cast<uint16_t>(crc ^ ((crc & 0xFF) << 5));
  return crc;
}

}  // namespace esphome::multical::kmp
