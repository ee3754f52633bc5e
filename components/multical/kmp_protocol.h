#pragma once

#include <cstddef>
#include <cstdint>

/// The Kamstrup Meter Protocol (KMP), independent of ESPHome: no heap, no blocking, no register's meaning.
///
/// Where a comment names a source: "doc" is Kamstrup's protocol description 5512-447 for MULTICAL 601 and 801; every
/// other statement was confirmed on captured frames of 402, 403 and 602 unless the comment says how sure it is.
namespace esphome::multical::kmp {

// Bytes with a meaning on the line. Everything between start and stop that equals one of these is escaped:
// ESCAPE, then the byte with all bits inverted.
inline constexpr uint8_t START_OF_REQUEST = 0x80;
inline constexpr uint8_t START_OF_REPLY = 0x40;
inline constexpr uint8_t STOP = 0x0D;
inline constexpr uint8_t ACK = 0x06;
inline constexpr uint8_t ESCAPE = 0x1B;

/// The heat meter itself; 0x7F and 0xBF address logger modules, which this library does not talk to.
inline constexpr uint8_t ADDRESS_HEAT_METER = 0x3F;

/// The commands this library can send. All of them only read. KMP also knows commands that write to a meter; they are
/// left out on purpose, so that no program error can make one.
enum class Command : uint8_t {
  GET_TYPE = 0x01,
  GET_SERIAL_NO = 0x02,
  GET_REGISTER = 0x10,
};

/// Registers in one GetRegister request at most (doc, 6.2.4).
inline constexpr uint8_t MAX_REGISTERS = 8;

/// Bytes of one register's value that a reply may hold for a full request. 4 is the rule, 7 (date and time) and 12
/// (text) were captured; 16 leaves room and keeps the buffer small.
inline constexpr uint8_t MAX_VALUE_SIZE = 16;

// One byte on the line: start bit, 8 data bits, no parity, 2 stop bits at 1200 baud.
inline constexpr uint32_t BAUD_RATE = 1200;
inline constexpr uint32_t BITS_PER_BYTE = 11;

/// Milliseconds that `bytes` bytes take on the line, rounded up.
inline constexpr uint32_t line_time_ms(size_t bytes) {
  return (static_cast<uint32_t>(bytes) * BITS_PER_BYTE * 1000 + BAUD_RATE - 1) / BAUD_RATE;
}

/// True for the five bytes that are escaped inside a frame.
inline constexpr bool must_be_escaped(uint8_t byte) {
  return byte == START_OF_REQUEST || byte == START_OF_REPLY || byte == STOP || byte == ACK || byte == ESCAPE;
}

}  // namespace esphome::multical::kmp
