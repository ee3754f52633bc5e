#include "total_guard.h"

namespace esphome::multical {

/// Whether `to` is `from` or up to this share of it more; never if one of them is unknown.
static bool rises_a_little(float from, float to, float share) { return to >= from && to - from <= fabsf(from) * share; }

bool TotalGuard::take(float total, bool contradicted) {
  if (contradicted || !rises_a_little(this->last_, total, JUMP_SHARE)) {
    if (!rises_a_little(this->doubted_, total, SAME_SHARE)) {
      this->doubted_ = total;
      return false;
    }
    if (total == 0 && this->last_ != 0) {
      // The next 0 will follow this one.
      this->last_ = 0;
      return false;
    }
  }
  this->last_ = total;
  this->doubted_ = NAN;
  return true;
}

bool TotalGuard::must_keep() {
  if (std::isnan(this->last_) || rises_a_little(this->kept_, this->last_, JUMP_SHARE))
    return false;
  this->kept_ = this->last_;
  return true;
}

int32_t to_whole(float value) {
  constexpr float LOWEST = -2147483648.0f;
  constexpr float HIGHEST = 2147483520.0f;  // the largest float that is an int32_t
  return static_cast<int32_t>(value > HIGHEST ? HIGHEST : value > LOWEST ? value : LOWEST);
}

}  // namespace esphome::multical
