#include "energy_total.h"

#include "unit_numbers_table.h"

namespace esphome::multical {

namespace {

constexpr uint64_t WRAP = 36'000'000'000;  // 10 MWh in joules

struct Energy {
  uint64_t joule;
  uint64_t step;  // of the last digit
};

/// Nothing if the result does not fit in 64 bits.
std::optional<uint64_t> multiply_by_power_of_ten(uint64_t number, int exponent) {
  for (; exponent > 0; exponent--) {
    if (number > UINT64_MAX / 10)
      return {};
    number *= 10;
  }
  return number;
}

/// Nothing if it is not an energy, is negative or too large, or its steps are not whole joules.
std::optional<Energy> to_energy(const kmp::RegisterValue &value) {
  const auto decimal = value.to_decimal();
  const auto ratio = kmp::find_ratio(value.unit, kmp::UNIT_JOULE);
  if (!decimal || decimal->negative || !ratio)
    return {};
  const int exponent = decimal->exponent + ratio->exponent;
  if (exponent < 0)
    return {};
  const auto joule = multiply_by_power_of_ten(decimal->mantissa * ratio->numerator, exponent);
  const auto step = multiply_by_power_of_ten(ratio->numerator, exponent);
  if (!joule || !step)
    return {};
  return Energy{.joule = *joule, .step = *step};
}

/// Finds the total, in joules, that ends in the fine counter and is nearest to the coarse one. Nothing if they are more
/// than one coarse step apart, if these steps are so large that another total with this end could be as near, or if the
/// fine steps are larger than the coarse ones.
std::optional<uint64_t> join(const Energy &coarse, const kmp::RegisterValue &fine_value) {
  const auto fine = to_energy(fine_value);
  if (!fine || coarse.step >= WRAP / 2 || fine->step > coarse.step)
    return {};
  const uint64_t end = coarse.joule % WRAP;
  const uint64_t fine_end = fine->joule % WRAP;
  uint64_t total = coarse.joule - end + fine_end;
  if (fine_end > end + WRAP / 2 && total >= WRAP) {
    total -= WRAP;
  } else if (fine_end + WRAP / 2 < end) {
    total += WRAP;
  }
  const uint64_t apart = total > coarse.joule ? total - coarse.joule : coarse.joule - total;
  if (apart > coarse.step)
    return {};
  return total;
}

}  // namespace

std::optional<EnergyTotal::Total> EnergyTotal::take(const kmp::RegisterValue &coarse,
                                                    const std::optional<kmp::RegisterValue> &fine, bool fine_is_gone) {
  const auto energy = to_energy(coarse);
  const auto joined = energy && fine ? join(*energy, *fine) : std::nullopt;
  this->taken_.disagrees = fine && !joined;
  if (joined) {
    // A display that rounds may have been ahead.
    if (!this->published_.is_fine && this->is_little_less_(*joined, energy->step))
      return {};
    this->was_fine_ = true;
    this->has_floor_ = false;
    this->taken_ = {.joule = *joined, .is_known = true, .is_fine = true};
    return Total{.value = {.mantissa = *joined}, .unit = kmp::UNIT_JOULE};
  }
  if (!fine && this->was_fine_ && !fine_is_gone)
    return {};
  if (energy && this->coarse_may_fall_(energy->joule, energy->step))
    return {};
  const auto value = coarse.to_decimal();
  if (!value)
    return {};
  if (fine_is_gone)
    this->was_fine_ = false;
  this->taken_ = {.joule = energy ? energy->joule : 0,
                  .is_known = energy.has_value(),
                  .is_fine = false,
                  .disagrees = this->taken_.disagrees};
  return Total{.value = *value, .unit = coarse.unit};
}

bool EnergyTotal::is_little_less_(uint64_t joule, uint64_t step) const {
  return this->published_.is_known && joule < this->published_.joule && this->published_.joule - joule <= step;
}

bool EnergyTotal::coarse_may_fall_(uint64_t joule, uint64_t step) {
  if (this->published_.is_known)
    return this->is_little_less_(joule, step);
  if (!this->was_fine_)
    return false;
  // The value published before the restart was at most one step above the coarse counter at that time.
  if (!this->has_floor_) {
    this->has_floor_ = true;
    this->floor_ = joule;
  }
  return joule >= this->floor_ && joule - this->floor_ < step;
}

}  // namespace esphome::multical
