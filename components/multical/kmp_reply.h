#pragma once

#include "kmp_decimal.h"
#include "kmp_protocol.h"
#include "kmp_reader.h"
#include "kmp_request.h"

namespace esphome::multical::kmp {

/// Answer to GetType (doc, 6.2.1).
struct MeterType {
  uint16_t type;            ///< 0x0001, 0x0004 and 0x0005 are MULTICAL 601; other meters' values are not documented.
  uint8_t revision_letter;  ///< 1 = A, 2 = B …; 0 together with number 0: not told here, register 1005 may have it.
  uint8_t revision_number;
};

/// One register's block in a reply. Points into the reader's buffer: valid only while the reply is handled.
struct RegisterValue {
  uint16_t id;
  uint8_t unit;           ///< kmp_units.h
  uint8_t size;           ///< bytes at `data`
  uint8_t sign_exponent;  ///< bit 7: value negative, bit 6: exponent negative, bits 5 to 0: exponent
  const uint8_t *data;    ///< most significant byte first

  /// The value as a number.
  /// @return false when it is none: no byte at all, or more than 4 (text, date and time).
  bool to_decimal(Decimal *value) const;
};

/// A reply that passed every check: CRC, address, command, length, and no register in it that was not asked for.
class Reply {
 public:
  /// Checks what the reader holds against what was asked.
  /// @return false when it does not answer this request; then nothing of it may be used.
  bool parse(const FrameReader &reader, const Request &request);

  Command command() const { return this->command_; }
  /// Valid for Command::GET_TYPE.
  MeterType meter_type() const;
  /// Valid for Command::GET_SERIAL_NO: the serial number, the same as register 1001.
  uint32_t serial_no() const;
  /// Valid for Command::GET_REGISTER: 0 to 8; a register that the meter does not have is left out (doc, 6.2.4).
  uint8_t register_count() const { return this->count_; }
  /// @param index 0 to register_count() - 1
  RegisterValue register_value(uint8_t index) const;
  /// Finds a register by its number.
  /// @return false when it was left out; then nothing is written.
  bool find_register(uint16_t id, RegisterValue *value) const;

 protected:
  bool parse_registers_(const Request &request);

  const uint8_t *payload_{nullptr};
  size_t payload_size_{0};
  uint8_t offsets_[MAX_REGISTERS]{};
  Command command_{Command::GET_TYPE};
  uint8_t count_{0};
};

}  // namespace esphome::multical::kmp
