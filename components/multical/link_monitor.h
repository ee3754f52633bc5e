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

#include "link_health.h"

namespace esphome::multical {

/// The status as it is published, for example "no_answer".
const char *link_status_to_string(LinkStatus status);

/// Publishes how healthy the link to the meter is: in its entities, in the log, and to automations.
class LinkMonitor {
 public:
  /// @param component the hub, whose warning flag is set while the link is bad
  explicit LinkMonitor(Component *component) : component_(component) {}

  /// Publishes what is known before the first request.
  void setup();
  void dump_config();

  /// A request was sent once.
  /// @param delay milliseconds from its end to the beginning of the reply; nothing if it was not answered
  void attempt_ended(const LinkHealth &health, const kmp::Attempt &attempt, std::optional<uint32_t> delay);
  /// An update has ended: publishes the counters.
  /// @param complete everything due in it was read
  void update_ended(bool complete, uint64_t now);
  /// Publishes what has changed.
  /// @param attempt the latest one
  void publish(const LinkHealth &health, const kmp::Attempt &attempt);
  /// Shows this advice instead of the status's own, until a request is answered or the status changes.
  void publish_advice(const LogString *advice);

#ifdef USE_MULTICAL_CONNECTED
  SUB_BINARY_SENSOR(connected)
#endif
#ifdef USE_MULTICAL_LINK_STATUS
  SUB_TEXT_SENSOR(link_status)
#endif
#ifdef USE_MULTICAL_LINK_ADVICE
  SUB_TEXT_SENSOR(link_advice)
#endif
#ifdef USE_MULTICAL_LINK_SENSORS
  SUB_SENSOR(requests)
  SUB_SENSOR(failed_requests)
  SUB_SENSOR(reply_delay)
  SUB_SENSOR(last_reading_age)
#endif

  /// Called with the new status when it changes.
  template<typename F> void add_on_link_status_callback(F &&callback) {
    this->on_link_status_callback_.add(std::forward<F>(callback));
  }

 protected:
  void publish_connected_(bool connected);
  void publish_status_();
  void log_fault_(const kmp::Attempt &attempt);

  Component *component_;
  LazyCallbackManager<void(StringRef)> on_link_status_callback_;
#ifdef USE_MULTICAL_LINK_SENSORS
  LinkCounters counters_;
#endif
  LinkStatus status_{LinkStatus::STARTING};  ///< as it was published
  bool shows_other_advice_{false};
};

}  // namespace esphome::multical
