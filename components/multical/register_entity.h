#pragma once

#include <cstdint>

#include "esphome/core/component.h"

#include "kmp_reply.h"

namespace esphome::multical {

/// Whatever shows the value of one register. The hub decides when the register is asked for; several entities may show
/// the same one and then share the answer.
class RegisterEntity {
 public:
  explicit RegisterEntity(uint16_t register_id) : register_id_(register_id) {}

  /// Gives the entity an interval of its own, in milliseconds; SCHEDULER_DONT_RUN: only Multical::read() asks for it.
  /// Without this call it is read with the hub's updates.
  void set_update_interval(uint32_t update_interval) {
    this->update_interval_ = update_interval;
    this->schedule_ = update_interval == SCHEDULER_DONT_RUN ? Schedule::MANUAL : Schedule::OWN_INTERVAL;
  }

  /// Makes the entity one that says which meter this is: asked for once after connecting, then daily.
  void set_identity() {
    this->set_update_interval(24UL * 60 * 60 * 1000);
    this->identity_ = true;
  }

  uint16_t register_id() const { return this->register_id_; }

 protected:
  friend class Multical;

  enum class Schedule : uint8_t {
    UPDATES,       ///< with the hub's updates
    OWN_INTERVAL,  ///< every update_interval_
    MANUAL,        ///< with Multical::read() only
    REQUEST,       ///< with Multical::request() only
  };

  /// A value from a reply that passed every check.
  /// @return false to have it read once more before it is believed
  virtual bool on_value(const kmp::RegisterValue &value) = 0;
  /// No value for so long that the last one says nothing about now.
  virtual void on_unknown() {}

  ~RegisterEntity() = default;

  uint32_t update_interval_{0};
  uint32_t next_due_{0};  ///< with an own interval: millis() of the next reading
  uint16_t register_id_;
  uint8_t failed_updates_{0};  ///< in a row
  Schedule schedule_{Schedule::UPDATES};
  bool identity_ : 1 {false};
  bool due_ : 1 {false};
  bool answered_ : 1 {false};     ///< the meter has sent this register since it was connected
  bool unsupported_ : 1 {false};  ///< the meter left this register out; not asked again until a reconnect
};

}  // namespace esphome::multical
