#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "reading_plan.h"

namespace esphome::multical {

/// Tells a plan which entities with an interval of their own are due.
///
/// An interval that ends close to an update of the hub waits for it, or joins it a little early, so that both share a
/// request. Times are milliseconds of a clock that never goes back.
class IntervalSchedule {
 public:
  struct Entry {
    uint32_t interval;  ///< milliseconds, not 0
    uint8_t slot;       ///< index in the plan
    uint64_t next_due{0};
  };
  /// An entity whose interval ends this close to an update of the hub is read with it; the limit is smaller for short
  /// intervals.
  static constexpr uint32_t MAX_WAIT_FOR_UPDATE = 5000;

  explicit IntervalSchedule(ReadingPlan *plan) : plan_(plan) {}

  /// @param entries one for each entity, kept by the caller
  void set_entries(std::span<Entry> entries) { this->entries_ = entries; }
  /// @param update_interval milliseconds between updates of the hub; 0: it has none
  void set_update_interval(uint32_t update_interval) { this->update_interval_ = update_interval; }

  /// An update of the hub begins: requests what is due with it.
  void join_update(uint64_t now);
  /// Requests what is due now, unless it waits for an update of the hub.
  void poll(uint64_t now);
  /// Milliseconds until poll() has something to do; nothing when only join_update() has.
  std::optional<uint32_t> wait(uint64_t now) const;

 protected:
  bool waits_for_update_(const Entry &entry, uint64_t now) const;

  ReadingPlan *plan_;
  std::span<Entry> entries_;
  uint64_t next_update_{0};
  uint32_t update_interval_{0};
};

}  // namespace esphome::multical
