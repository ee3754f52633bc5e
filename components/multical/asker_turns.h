#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "asker.h"

namespace esphome::multical {

/// Whose turn it is to ask.
///
/// An asker in the middle of something (Need::LINE) goes on until it is done. Otherwise the askers take turns: each
/// gets one request, or goes on if that puts it in the middle of something. So no asker waits forever.
class AskerTurns {
 public:
  /// @param askers at least one, kept by the caller
  void set_askers(std::span<Asker *const> askers) { this->askers_ = askers; }

  /// Whose request is under way; when none is, any one of them, so that unexpected bytes have an owner.
  Asker *current() const { return this->askers_[this->turn_]; }
  /// The next request; its asker becomes the current one. Nothing: no asker has one at the moment.
  std::optional<kmp::Request> next(uint64_t now);
  /// Whether next() may have a request later even if nothing new is wanted.
  bool is_needed() const;

 protected:
  void pass_on_();

  std::span<Asker *const> askers_;
  uint8_t turn_{0};
};

}  // namespace esphome::multical
