#pragma once

#include <cstddef>
#include <cstdint>

#include "asker.h"
#include "link_health.h"

namespace esphome::multical {

class Multical;

/// Looks at the wire once and writes down what it saw: the line at rest, what comes unasked, what comes after GetType,
/// and, where the UART can change its speed, whether another speed is answered. Never sends anything but GetType.
class WiringCheck final : public Asker {
 public:
  explicit WiringCheck(Multical *hub) : hub_(hub) {}

  /// Begins when the readings under way are done, unless it is under way already.
  void start();

  Need need() const override;
  std::optional<kmp::Request> next(uint64_t now) override;
  void answered(const kmp::Answer &answer, uint64_t now) override;
  void attempt_failed(const kmp::Attempt &attempt) override;
  void failed(const kmp::Request &request, kmp::Evidence evidence, uint64_t now) override;
  void unasked_byte(uint8_t byte) override;

 protected:
  enum class Step : uint8_t { NONE, BEGIN, LISTEN, ASK, DONE };

  void begin_(uint64_t now);
  void listen_();
  void tried_(bool answered);
  void log_rest_() const;
  void log_attempt_(const kmp::Attempt &attempt) const;
  void finish_();

  Multical *hub_;
  LinkHealth health_;
  uint64_t listen_until_{0};
  uint16_t unasked_{0};
  uint16_t unasked_zeros_{0};
  uint16_t low_samples_{0};
  uint16_t high_samples_{0};
  uint8_t setting_{0};  ///< index of what is tried
  Step step_{Step::NONE};
  bool answered_{false};
};

}  // namespace esphome::multical
