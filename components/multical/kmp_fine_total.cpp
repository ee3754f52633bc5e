#include "kmp_fine_total.h"

#include "kmp_units.h"

namespace esphome::multical::kmp {

namespace {

constexpr uint8_t UNIT_JOULE = 5;
constexpr uint64_t WRAP = 36'000'000'000;  // 10 MWh in joule

struct Energy {
  uint64_t joule;
  uint64_t step;  // of the last digit
};

bool multiply_by_power_of_ten(uint64_t *number, int exponent) {
  for (; exponent > 0; exponent--) {
    if (*number > UINT64_MAX / 10)
      return false;
    *number *= 10;
  }
  return true;
}

/// False for what is no energy, negative, too large, or in steps that are no whole joule.
bool to_energy(const RegisterValue &value, Energy *energy) {
  Decimal decimal;
  Ratio ratio;
  if (!value.to_decimal(&decimal) || decimal.negative || !find_ratio(value.unit, UNIT_JOULE, &ratio))
    return false;
  const int exponent = decimal.exponent + ratio.exponent;
  energy->step = ratio.numerator;
  energy->joule = decimal.mantissa * ratio.numerator;
  return exponent >= 0 && multiply_by_power_of_ten(&energy->step, exponent) &&
         multiply_by_power_of_ten(&energy->joule, exponent);
}

/// Finds the total nearest to the coarse counter whose end is the fine one.
/// @return false when they are more than one coarse step apart
bool join(const Energy &coarse, const RegisterValue &fine_value, uint64_t *joule) {
  Energy fine;
  if (!to_energy(fine_value, &fine))
    return false;
  const uint64_t end = coarse.joule % WRAP;
  const uint64_t fine_end = fine.joule % WRAP;
  uint64_t total = coarse.joule - end + fine_end;
  if (fine_end > end + WRAP / 2 && total >= WRAP) {
    total -= WRAP;
  } else if (fine_end + WRAP / 2 < end) {
    total += WRAP;
  }
  *joule = total;
  const uint64_t apart = total > coarse.joule ? total - coarse.joule : coarse.joule - total;
  return apart <= coarse.step;
}

}  // namespace

FineTotal::Result FineTotal::take(const RegisterValue &coarse, const RegisterValue *fine, bool is_gone, Decimal *value,
                                  uint8_t *unit) {
  Energy energy{};
  const bool is_energy = to_energy(coarse, &energy);
  uint64_t total = 0;
  const bool agrees = is_energy && fine != nullptr && join(energy, *fine, &total);
  this->disagrees_ = fine != nullptr && !agrees;
  if (agrees) {
    // A display that rounds may have been ahead.
    if (!this->published_.is_fine && this->is_little_less_(total, energy.step))
      return Result::HOLD;
    this->was_fine_ = true;
    this->has_floor_ = false;
    this->taken_ = {.joule = total, .is_known = true, .is_fine = true};
    *value = {.mantissa = total};
    *unit = UNIT_JOULE;
    return Result::FINE;
  }
  if (fine == nullptr && this->was_fine_ && !is_gone)
    return Result::HOLD;
  if (is_energy && this->coarse_may_fall_(energy.joule, energy.step))
    return Result::HOLD;
  if (is_gone)
    this->was_fine_ = false;
  this->taken_ = {.joule = energy.joule, .is_known = is_energy, .is_fine = false};
  coarse.to_decimal(value);
  *unit = coarse.unit;
  return Result::COARSE;
}

bool FineTotal::is_little_less_(uint64_t joule, uint64_t step) const {
  return this->published_.is_known && joule < this->published_.joule && this->published_.joule - joule <= step;
}

bool FineTotal::coarse_may_fall_(uint64_t joule, uint64_t step) {
  if (this->published_.is_known)
    return this->is_little_less_(joule, step);
  if (!this->was_fine_)
    return false;
  // What was published before the restart was at most one step above the coarse counter of that time.
  if (!this->has_floor_) {
    this->has_floor_ = true;
    this->floor_ = joule;
  }
  return joule >= this->floor_ && joule - this->floor_ < step;
}

}  // namespace esphome::multical::kmp
