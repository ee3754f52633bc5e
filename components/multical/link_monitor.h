#pragma once

#include "esphome/core/component.h"
#include "esphome/core/defines.h"
#include "esphome/core/helpers.h"
#include "esphome/core/string_ref.h"
#ifdef USE_BINARY_SENSOR
#include "esphome/components/binary_sensor/binary_sensor.h"
#endif
#ifdef USE_SENSOR
#include "esphome/components/sensor/sensor.h"
#endif
#ifdef USE_TEXT_SENSOR
#include "esphome/components/text_sensor/text_sensor.h"
#endif

#include "kmp_diagnosis.h"

namespace esphome::multical {

/// After so many updates in a row without an answer the meter counts as gone, and what it said of the moment as
/// unknown.
inline constexpr uint8_t FAILED_UPDATES_UNTIL_UNKNOWN = 3;

/// The status as it is published, for example "no_answer".
const char *link_status_to_string(kmp::LinkStatus status);

#ifdef USE_MULTICAL_LINK_ADVICE
/// What to try next, one sentence of at most 255 bytes, as many as Home Assistant takes. In flash on an ESP8266.
const LogString *link_advice(kmp::LinkStatus status);
#endif

/// Says what the link to the meter is worth: in its entities, in the log, and to automations.
class LinkMonitor {
 public:
  /// @param component the hub, whose warning flag is set while the link is bad
  explicit LinkMonitor(Component *component) : component_(component) {}

  /// Publishes what is known before anything was asked.
  void setup();
  void dump_config();

  /// One attempt brought no answer.
  void attempt_failed(const kmp::Attempt &attempt);
  /// A request was answered.
  /// @param reply_delay milliseconds from its end to the beginning of the reply
  void request_answered(const kmp::Attempt &attempt, uint32_t reply_delay);
  /// A request was not answered, and it says something about the link: the update ends with it.
  void request_failed(const kmp::Attempt &attempt);
  /// An update has ended; the counters are published.
  /// @param complete all of its requests were answered
  void update_ended(bool complete, uint32_t now);

  /// Pulses came while nothing was asked.
  void pulses_seen(uint8_t count) { this->diagnosis_.pulses_seen(count); }
  /// The level of the line at rest.
  void line_sampled(bool high) { this->diagnosis_.line_sampled(high); }
  /// Whether there is a port to talk through.
  void port_checked(bool usable);

  /// False before the first answer and after three updates without one.
  bool connected() const { return this->connected_; }
  kmp::LinkStatus status() const { return this->diagnosis_.status(); }

#ifdef USE_MULTICAL_CONNECTED
  SUB_BINARY_SENSOR(connected)
#endif
#ifdef USE_MULTICAL_LINK_STATUS
  SUB_TEXT_SENSOR(link_status)
#endif
#ifdef USE_MULTICAL_LINK_ADVICE
  /// Shows another advice than the status has, until the status changes.
  void publish_advice(const LogString *advice);
#ifdef USE_TEXT_SENSOR
  SUB_TEXT_SENSOR(link_advice)
#endif
#endif
#ifdef USE_MULTICAL_LINK_SENSORS
  SUB_SENSOR(requests)
  SUB_SENSOR(failed_requests)
  SUB_SENSOR(reply_delay)
  SUB_SENSOR(last_reading_age)
#endif

  template<typename F> void add_on_link_status_callback(F &&callback) {
    this->on_link_status_callback_.add(std::forward<F>(callback));
  }

 protected:
  void set_connected_(bool connected);
  void publish_status_(const kmp::Attempt *attempt);
  void log_fault_(const kmp::Attempt *attempt);

  Component *component_;
  kmp::Diagnosis diagnosis_;
  LazyCallbackManager<void(StringRef)> on_link_status_callback_;
#ifdef USE_MULTICAL_LINK_SENSORS
  uint32_t requests_{0};
  uint32_t failed_requests_{0};
  uint32_t last_reading_{0};
  bool has_reading_{false};
#endif
  uint8_t failed_updates_{0};  ///< in a row
  kmp::LinkStatus published_{kmp::LinkStatus::STARTING};
  bool connected_{false};
};

}  // namespace esphome::multical
