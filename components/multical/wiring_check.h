#pragma once

#include <cstddef>
#include <cstdint>

#include "esphome/core/log.h"

#include "asker.h"
#include "link_health.h"

namespace esphome::multical {

class Multical;

/// Checks the wire once and logs what it saw: the level of the idle line, bytes that come without a request, what comes
/// back after GetType, and, if the UART can change its speed, whether the meter answers at another speed. At the normal
/// speed it also tries GetSerialNo and a register until something is answered: a meter that can be read must not be
/// reported as silent.
class WiringCheck final : public Asker {
 public:
  explicit WiringCheck(Multical *hub) : hub_(hub) {}

  /// Starts when the current readings are done, unless it is running already.
  void start();

  Need need() const override;
  std::optional<kmp::Request> next(uint64_t now) override;
  void answered(const kmp::Answer &answer, uint64_t now) override;
  void attempt_failed(const kmp::Attempt &attempt) override;
  void failed(const kmp::Request &request, kmp::Evidence evidence, uint64_t now) override;
  void answered_late() override;
  void unasked_byte(uint8_t byte) override;

 protected:
  enum class Step : uint8_t { NONE, BEGIN, LISTEN, ASK, DONE };

  void begin_(uint64_t now);
  void listen_();
  kmp::Request question_() const;
  void tried_(bool answered);
  void log_rest_() const;
  void log_attempt_(const kmp::Attempt &attempt) const;
  void log_outcome_(const LogString *what, const char *more) const;
  void finish_();

  Multical *hub_;
  LinkHealth health_;
  uint64_t listen_until_{0};
  uint16_t unasked_{0};
  uint16_t unasked_zeros_{0};
  uint16_t low_samples_{0};
  uint16_t high_samples_{0};
  uint8_t setting_{0};  ///< index of the setting that is being tried
  kmp::Command asked_{kmp::Command::GET_TYPE};
  Step step_{Step::NONE};
  bool answered_{false};
};

}  // namespace esphome::multical
