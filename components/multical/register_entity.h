#pragma once

#include <cstdint>
#include <optional>

#include "kmp_frame.h"

namespace esphome::multical {

/// The register that an entity shows, and a companion that is asked for in the same request because the two belong
/// together. A meter need not have the companion.
struct RegisterPair {
  uint16_t id{0};
  uint16_t companion_id{0};  ///< 0: none
};

/// What the meter sent for one entity. Valid only while the reply is being handled.
struct Reading {
  kmp::RegisterValue value;
  std::optional<kmp::RegisterValue> companion;
  /// Whether a companion can still come: false if there is none, or if this meter does not have it.
  bool has_companion;
};

/// Anything that shows one register, or two that belong together. ReadingPlan decides when they are asked for; several
/// entities may show the same register and then share the answer.
class RegisterEntity {
 public:
  /// A value from a reply that passed every check.
  /// @return false to read it once more in this update: because it is in doubt, or because its companion has not come
  virtual bool on_value(const Reading &reading) = 0;
  /// There has been no value for so long that the last one is out of date.
  virtual void on_unknown() {}
  /// What to ask for when the meter does not have this register of the entity, and the way back. Id 0: nothing else.
  virtual RegisterPair instead_of(uint16_t) const { return {}; }
  /// Called before the first request, and when a meter is found, which may be a different one.
  virtual void on_new_meter() {}

 protected:
  ~RegisterEntity() = default;
};

}  // namespace esphome::multical
