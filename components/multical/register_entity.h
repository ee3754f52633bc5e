#pragma once

#include <cstdint>

#include "esphome/core/component.h"
#include "esphome/core/defines.h"

#include "kmp_reply.h"

namespace esphome::multical {

/// Whatever shows the value of one register, or of two that belong together. The hub decides when they are asked for;
/// several entities may show the same register and then share the answer.
class RegisterEntity {
 public:
  /// @param companion_id a register that is asked for in the same request, 0 for none; a meter need not have it
  explicit RegisterEntity(uint16_t register_id, uint16_t companion_id = 0)
      : register_id_(register_id), companion_id_(companion_id) {}

#ifdef USE_MULTICAL_OWN_INTERVALS
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
#endif

  uint16_t register_id() const { return this->register_id_; }

 protected:
  friend class Multical;

  /// Answers in a row that leave out the companion before it is not asked for any more.
  static constexpr uint8_t MAX_COMPANION_MISSES = 3;

  enum class Schedule : uint8_t {
    UPDATES,       ///< with the hub's updates
    OWN_INTERVAL,  ///< every update_interval_
    MANUAL,        ///< with Multical::read() only
    REQUEST,       ///< with Multical::request() only
  };

  /// A value from a reply that passed every check.
  /// @param companion null when there is none in the reply
  /// @return false to have it read once more before it is believed
  virtual bool on_value(const kmp::RegisterValue &value, const kmp::RegisterValue *companion) = 0;
  /// No value for so long that the last one says nothing about now.
  virtual void on_unknown() {}
  /// The meter does not have the register.
  /// @return true when the entity has chosen another one instead
  virtual bool on_missing() { return false; }
  /// Called before the first question, and when a meter was found that may be another one than before.
  virtual void on_new_meter() {}

  /// Whether the companion is still asked for.
  bool has_companion() const { return this->companion_id_ != 0 && this->companion_misses_ < MAX_COMPANION_MISSES; }
  /// Chooses other registers, of which nothing is known yet.
  void use_registers(uint16_t register_id, uint16_t companion_id) {
    this->register_id_ = register_id;
    this->companion_id_ = companion_id;
    this->forget_meter_();
  }
  void forget_meter_() {
    this->answered_ = false;
    this->unsupported_ = false;
    this->companion_tried_ = false;
    this->companion_misses_ = 0;
  }

  ~RegisterEntity() = default;

#ifdef USE_MULTICAL_OWN_INTERVALS
  uint32_t update_interval_{0};
  uint32_t next_due_{0};  ///< with an own interval: millis() of the next reading
#endif
  uint16_t register_id_;
  uint16_t companion_id_;
  uint8_t failed_updates_{0};  ///< in a row
  Schedule schedule_{Schedule::UPDATES};
  bool identity_ : 1 {false};
  bool due_ : 1 {false};
  bool answered_ : 1 {false};         ///< the meter has sent this register since it was connected
  bool unsupported_ : 1 {false};      ///< the meter left this register out; not asked again until a reconnect
  bool companion_tried_ : 1 {false};  ///< a request with the companion was answered since the meter was connected
  uint8_t companion_misses_ : 2 {0};  ///< answers in a row that left it out
};

}  // namespace esphome::multical
