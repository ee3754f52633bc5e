#pragma once

#include "esphome/core/automation.h"
#include "esphome/core/component.h"
#include "esphome/core/defines.h"
#include "esphome/core/helpers.h"
#include "esphome/core/string_ref.h"
#include "esphome/components/uart/uart.h"
#ifdef USE_BINARY_SENSOR
#include "esphome/components/binary_sensor/binary_sensor.h"
#endif
#ifdef USE_TEXT_SENSOR
#include "esphome/components/text_sensor/text_sensor.h"
#endif

#include "kmp_conversation.h"
#include "register_entity.h"

#ifndef MULTICAL_MAX_ENTITIES
#define MULTICAL_MAX_ENTITIES 0
#endif
#ifndef MULTICAL_MAX_TYPE_LISTENERS
#define MULTICAL_MAX_TYPE_LISTENERS 0
#endif

namespace esphome::multical {

/// What the link to the meter is worth.
enum class LinkStatus : uint8_t {
  STARTING,   ///< Nothing asked yet.
  OK,         ///< The meter answers.
  NO_ANSWER,  ///< The last request and all its repetitions brought no valid reply.
};

/// The status as it is published.
const char *link_status_to_string(LinkStatus status);

/// Whatever shows what the meter says of itself with GetType.
class MeterTypeListener {
 public:
  virtual void on_meter_type(const kmp::MeterType &meter_type) = 0;

 protected:
  ~MeterTypeListener() = default;
};

/// One meter on one UART: knows what is due, asks for it in as few requests as possible, and hands out what came.
///
/// Reads only. Never waits in loop(): it takes the bytes that are there and returns.
class Multical final : public PollingComponent, public uart::UARTDevice, protected kmp::ConversationHandler {
 public:
  void setup() override;
  void loop() override;
  void dump_config() override;
  /// Reads the entities without an interval of their own, and those whose interval is over.
  void update() override;

  /// Reads everything now.
  void read();

  void set_response_timeout(uint32_t response_timeout) { this->conversation_.set_response_timeout(response_timeout); }
  void set_retries(uint8_t retries) { this->conversation_.set_retries(retries); }

  void add_entity(RegisterEntity *entity) { this->entities_.push_back(entity); }
  /// Reads the register of an entity, even an unscheduled one, as soon as the line is free.
  void request(RegisterEntity *entity);

#ifdef USE_MULTICAL_METER_TYPE
  void add_meter_type_listener(MeterTypeListener *listener) { this->meter_type_listeners_.push_back(listener); }
#endif
#ifdef USE_MULTICAL_CONNECTED
  SUB_BINARY_SENSOR(connected)
#endif
#ifdef USE_MULTICAL_LINK_STATUS
  SUB_TEXT_SENSOR(link_status)
#endif

  /// Called when every request of an update was answered.
  template<typename F> void add_on_reading_callback(F &&callback) {
    this->on_reading_callback_.add(std::forward<F>(callback));
  }
  /// Called with the new status when the link's status changes.
  template<typename F> void add_on_link_status_callback(F &&callback) {
    this->on_link_status_callback_.add(std::forward<F>(callback));
  }

  /// True from the beginning of an update until its last request was answered or given up.
  bool is_updating() const { return this->updating_; }
  LinkStatus link_status() const { return this->link_status_; }

 protected:
  void send(const uint8_t *data, size_t size) override;
  void on_reply(const kmp::Request &request, const kmp::Reply &reply) override;
  void on_failure(const kmp::Request &request) override;

  void receive_bytes_(uint32_t now);
  void start_update_();
  void next_request_(uint32_t now);
  void end_update_();

  bool poller_runs_() const { return this->get_update_interval() != SCHEDULER_DONT_RUN; }
  void own_intervals_over_();
  void schedule_own_intervals_();
  void mark_due_(RegisterEntity *entity) { entity->due_ = !entity->unsupported_; }

  void take_registers_(const kmp::Request &request, const kmp::Reply &reply);
  void entity_failed_(RegisterEntity *entity);
  void meter_answers_();
  void set_connected_(bool connected);
  void set_link_status_(LinkStatus status);

  kmp::Conversation conversation_{this};
  StaticVector<RegisterEntity *, MULTICAL_MAX_ENTITIES> entities_;
#ifdef USE_MULTICAL_METER_TYPE
  StaticVector<MeterTypeListener *, MULTICAL_MAX_TYPE_LISTENERS> meter_type_listeners_;
#endif
  LazyCallbackManager<void()> on_reading_callback_;
  LazyCallbackManager<void(StringRef)> on_link_status_callback_;
  uint32_t last_update_{0};    ///< millis() of the last update()
  uint8_t failed_updates_{0};  ///< in a row
  LinkStatus link_status_{LinkStatus::STARTING};
  bool updating_{false};
  bool request_failed_{false};  ///< in this update
  bool answered_{false};        ///< in this update
  bool connected_{false};
  bool meter_type_due_{false};
};

template<typename... Ts> class ReadAction final : public Action<Ts...>, public Parented<Multical> {
 public:
  void play(const Ts &...x) override { this->parent_->read(); }
};

}  // namespace esphome::multical
