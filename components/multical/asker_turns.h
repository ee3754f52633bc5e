#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "asker.h"

namespace esphome::multical {

/// Whose turn it is to ask.
///
/// An asker in the middle of something (Need::LINE) goes on until it is done. Otherwise all have their turn one after
/// the other, for one request or for what they then are in the middle of. So nobody waits for ever, whatever the
/// others want.
class AskerTurns {
 public:
  /// @param askers at least one, kept by the caller
  void set_askers(std::span<Asker *const> askers) { this->askers_ = askers; }

  /// Whose request is under way. While none is, one of them, so that bytes that nobody asked for have an owner.
  Asker *current() const { return this->askers_[this->turn_]; }
  /// The next request; from then on its asker is the current one. Nothing: nobody has one at present.
  std::optional<kmp::Request> next(uint64_t now);
  /// Whether next() may have a request later without anybody wanting something anew.
  bool is_needed() const;

 protected:
  void pass_on_();

  std::span<Asker *const> askers_;
  uint8_t turn_{0};
};

}  // namespace esphome::multical
