#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "kmp_protocol.h"
#include "kmp_value.h"

namespace esphome::multical::kmp {

/// Bytes of the longest request: start, then address, command, count, 8 register ids and CRC all escaped, stop.
inline constexpr size_t MAX_REQUEST_SIZE = 1 + 2 * (1 + 1 + 1 + 2 * MAX_REGISTERS + 2) + 1;

/// One question to the meter.
class Request {
 public:
  /// Asks for meter type and software revision.
  static Request get_type() { return Request(Command::GET_TYPE); }
  /// Asks for the meter's serial number.
  static Request get_serial_no() { return Request(Command::GET_SERIAL_NO); }
  /// Asks for the registers added with `add_register()`; none yet.
  static Request get_registers() { return Request(Command::GET_REGISTER); }

  /// Adds a register to a GetRegister request, unless it is in it already.
  /// @return false when the request is full (MAX_REGISTERS) and the register is not in it.
  bool add_register(uint16_t id);
  /// Adds two registers, which may be the same: both or neither.
  /// @return false when there is no room for both.
  bool add_registers(uint16_t first, uint16_t second);
  /// Makes the request one that is sent only once, and not repeated when it is not answered.
  void set_once() { this->once_ = true; }

  Command command() const { return this->command_; }
  uint8_t register_count() const { return this->count_; }
  uint16_t register_id(uint8_t index) const { return this->ids_[index]; }
  bool asks_for(uint16_t id) const;
  bool is_once() const { return this->once_; }

  /// Writes the frame as it is sent.
  /// @return its length in bytes.
  size_t encode(std::span<uint8_t, MAX_REQUEST_SIZE> frame) const;

 protected:
  explicit Request(Command command) : command_(command) {}

  uint16_t ids_[MAX_REGISTERS]{};
  Command command_;
  uint8_t count_{0};
  bool once_{false};
};

/// Address, command, 8 register blocks (id 2, unit 1, length 1, exponent 1, value) and CRC, escapes removed.
inline constexpr size_t MAX_REPLY_SIZE = 1 + 1 + MAX_REGISTERS * (5 + MAX_VALUE_SIZE) + 2;

/// The result of one more byte from the line.
enum class ReadResult : uint8_t {
  NOTHING,     ///< No frame ended here.
  FRAME,       ///< A whole frame with the right CRC: address(), command(), payload() are valid until the next byte.
  BAD_ESCAPE,  ///< ESCAPE was followed by a byte that never is escaped: frame dropped.
  TOO_SHORT,   ///< STOP came before address, command and CRC were there: frame dropped.
  TOO_LONG,    ///< More than MAX_REPLY_SIZE bytes without STOP: frame dropped.
  BAD_CRC,     ///< Right shape, wrong checksum: frame dropped.
};

/// Finds the replies in what comes from the line, byte by byte.
///
/// Everything before START_OF_REPLY is skipped: the echo of our own request from an optical head, noise, the lone 0x00
/// that a meter may send. START_OF_REPLY always starts a new frame, because inside a frame it is escaped.
class FrameReader {
 public:
  /// Takes one byte. At most MAX_REPLY_SIZE bytes are kept.
  ReadResult feed(uint8_t byte);

  /// Drops a frame that has begun.
  void reset() { this->state_ = State::OUTSIDE; }

  /// True from START_OF_REPLY until STOP or an error.
  bool in_frame() const { return this->state_ != State::OUTSIDE; }

  /// Whether the beginning of the current frame is that of the heat meter's reply to this command.
  bool in_reply_to(Command command) const {
    return this->in_frame() && this->size_ >= 2 && this->address() == ADDRESS_HEAT_METER &&
           this->command() == static_cast<uint8_t>(command);
  }

  uint8_t address() const { return this->buffer_[0]; }
  uint8_t command() const { return this->buffer_[1]; }
  /// The data between command and CRC.
  std::span<const uint8_t> payload() const { return {this->buffer_ + 2, static_cast<size_t>(this->size_) - 4}; }

 protected:
  enum class State : uint8_t { OUTSIDE, INSIDE, ESCAPED };

  ReadResult drop_(ReadResult reason) {
    this->state_ = State::OUTSIDE;
    return reason;
  }
  ReadResult finish_();

  uint8_t buffer_[MAX_REPLY_SIZE];
  uint16_t crc_{0};
  uint8_t size_{0};
  State state_{State::OUTSIDE};

  static_assert(MAX_REPLY_SIZE <= UINT8_MAX, "size_ is one byte");
};

/// Answer to GetType (doc, 6.2.1).
struct MeterType {
  uint16_t type;            ///< 0x0001, 0x0004 and 0x0005 are MULTICAL 601; other meters' values are not documented.
  uint8_t revision_letter;  ///< 1 = A, 2 = B …; 0 together with number 0: not given here, register 1005 may have it.
  uint8_t revision_number;
};

/// One register's block in a reply. Points into the reader's buffer: valid only while the reply is being handled.
struct RegisterValue {
  uint16_t id;
  uint8_t unit;                   ///< number of the unit as in units.py
  uint8_t sign_exponent;          ///< bit 7: value negative, bit 6: exponent negative, bits 5 to 0: exponent
  std::span<const uint8_t> data;  ///< most significant byte first

  /// The value as a number; nothing if it is not one: it has no bytes, or more than 4 (text, date and time).
  std::optional<Decimal> to_decimal() const;
};

/// A reply that passed every check: CRC, address, command, length, and only registers that were asked for. Points into
/// the reader's buffer: valid only until the reader takes the next byte.
class Reply {
 public:
  /// Checks what the reader holds against the request; nothing if it does not answer this request.
  static std::optional<Reply> parse(const FrameReader &reader, const Request &request);

  Command command() const { return this->command_; }
  /// Valid for Command::GET_TYPE.
  MeterType meter_type() const;
  /// Valid for Command::GET_SERIAL_NO: the serial number, the same as register 1001.
  uint32_t serial_no() const;
  /// Finds a register by its number, wherever it is in the reply. Nothing if the meter left it out, as it does with
  /// one that it does not have (doc, 6.2.4), or if the command was not Command::GET_REGISTER.
  std::optional<RegisterValue> find_register(uint16_t id) const;

 protected:
  Reply(Command command, std::span<const uint8_t> payload) : payload_(payload), command_(command) {}

  std::span<const uint8_t> payload_;
  Command command_;
};

}  // namespace esphome::multical::kmp
