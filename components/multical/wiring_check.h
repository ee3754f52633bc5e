#pragma once

#include "esphome/core/defines.h"
#ifdef USE_MULTICAL_CHECK_WIRING

#include <cstddef>
#include <cstdint>

#include "kmp_diagnosis.h"
#include "side_task.h"

namespace esphome::multical {

class Multical;

/// Looks at the wire once and writes down what it saw: the line at rest, what comes unasked, what comes after GetType,
/// and, where the UART can change its speed, whether another speed is answered. Never sends anything but GetType.
class WiringCheck final : public SideTask {
 public:
  explicit WiringCheck(Multical *hub) : hub_(hub) {}

  /// Begins, unless it is under way already.
  void start();
  bool is_active() const { return this->step_ != Step::NONE; }

  /// A byte came while nothing was asked.
  void unasked_byte(uint8_t byte);
  void on_reply(const kmp::Request &request, const kmp::Reply &reply) override;
  void on_attempt_failed(const kmp::Attempt &attempt) override;

  /// Goes on, whenever no request of it is under way.
  void loop(uint32_t now);

 protected:
  enum class Step : uint8_t { NONE, BEGIN, LISTEN, ASK, DONE };

  void ask_(uint32_t now);
  void log_rest_() const;
  void log_attempt_(const kmp::Attempt &attempt) const;
  void finish_();

  Multical *hub_;
  kmp::Diagnosis diagnosis_;
  uint32_t listen_until_{0};
  uint16_t unasked_{0};
  uint16_t unasked_zeros_{0};
  uint16_t low_samples_{0};
  uint16_t high_samples_{0};
  uint8_t setting_{0};  ///< index of what is tried
  Step step_{Step::NONE};
  bool answered_{false};
};

}  // namespace esphome::multical

#endif  // USE_MULTICAL_CHECK_WIRING
