#pragma once

#include "kmp_protocol.h"

namespace esphome::multical::kmp {

/// Bytes of the longest request: start, then address, command, count, 8 register ids and CRC all escaped, stop.
inline constexpr size_t MAX_REQUEST_SIZE = 1 + 2 * (1 + 1 + 1 + 2 * MAX_REGISTERS + 2) + 1;

/// One question to the meter.
class Request {
 public:
  /// What is asked: meter type and software revision.
  static Request get_type() { return Request(Command::GET_TYPE); }
  /// What is asked: the meter's serial number.
  static Request get_serial_no() { return Request(Command::GET_SERIAL_NO); }
  /// What is asked: the registers that `add_register()` puts in; none yet.
  static Request get_registers() { return Request(Command::GET_REGISTER); }

  /// Puts one more register into a GetRegister request. A register that is in it already counts once.
  /// @return false when the request is full (MAX_REGISTERS) and the register is not in it.
  bool add_register(uint16_t id);

  Command command() const { return this->command_; }
  uint8_t register_count() const { return this->count_; }
  uint16_t register_id(uint8_t index) const { return this->ids_[index]; }
  bool asks_for(uint16_t id) const;

  /// Writes the frame as it goes onto the line.
  /// @return its length in bytes.
  size_t encode(uint8_t (&frame)[MAX_REQUEST_SIZE]) const;

 protected:
  explicit Request(Command command) : command_(command) {}

  uint16_t ids_[MAX_REGISTERS]{};
  Command command_;
  uint8_t count_{0};
};

}  // namespace esphome::multical::kmp
