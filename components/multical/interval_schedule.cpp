#include "interval_schedule.h"

#include <algorithm>

namespace esphome::multical {

static uint32_t wait_for_update(const IntervalSchedule::Entry &entry) {
  return std::min(entry.interval / 2, IntervalSchedule::MAX_WAIT_FOR_UPDATE);
}

void IntervalSchedule::join_update(uint64_t now) {
  this->next_update_ = now + this->update_interval_;
  for (auto &entry : this->entries_) {
    if (entry.next_due > now + wait_for_update(entry))
      continue;
    this->plan_->want(entry.slot);
    entry.next_due = now + entry.interval;
  }
}

void IntervalSchedule::poll(uint64_t now) {
  for (auto &entry : this->entries_) {
    if (entry.next_due > now || this->waits_for_update_(entry, now))
      continue;
    this->plan_->want(entry.slot);
    // Keeps the phase, so that entities with the same interval stay in one request.
    entry.next_due += entry.interval;
    if (entry.next_due <= now)
      entry.next_due = now + entry.interval;
  }
}

std::optional<uint32_t> IntervalSchedule::wait(uint64_t now) const {
  std::optional<uint32_t> soonest;
  for (const auto &entry : this->entries_) {
    if (this->waits_for_update_(entry, std::max(now, entry.next_due)))
      continue;
    const auto wait = entry.next_due > now ? static_cast<uint32_t>(entry.next_due - now) : 0;
    soonest = std::min(soonest.value_or(wait), wait);
  }
  return soonest;
}

bool IntervalSchedule::waits_for_update_(const Entry &entry, uint64_t now) const {
  return this->update_interval_ != 0 && now <= this->next_update_ && this->next_update_ - now <= wait_for_update(entry);
}

}  // namespace esphome::multical
