#pragma once

#include "esphome/core/automation.h"
#include "esphome/core/component.h"
#include "esphome/core/defines.h"
#include "esphome/core/hal.h"
#include "esphome/core/helpers.h"
#include "esphome/components/uart/uart.h"

#include "info_monitor.h"
#include "kmp_conversation.h"
#include "link_monitor.h"
#include "register_entity.h"
#include "register_scan.h"
#include "side_task.h"
#include "wiring_check.h"

#ifndef MULTICAL_MAX_ENTITIES
#define MULTICAL_MAX_ENTITIES 0
#endif
#ifndef MULTICAL_MAX_TYPE_LISTENERS
#define MULTICAL_MAX_TYPE_LISTENERS 0
#endif

namespace esphome::multical {

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
#ifdef USE_MULTICAL_INFO
  /// What the meter reports about itself, and the entities that say so.
  InfoMonitor &info() { return this->info_; }
  /// Reads what the meter reports about itself; it counts as an entity.
  void use_info() { this->add_entity(&this->info_); }
#endif
#ifdef USE_MULTICAL_SIDE_TASKS
  /// Asks a question beside the readings. To be called while no request is under way.
  void ask(SideTask *asker, const kmp::Request &request, uint32_t now, uint8_t attempts);
#endif
#ifdef USE_MULTICAL_CHECK_WIRING
  /// Looks at the wiring and reports it in the log and as advice; readings wait until it is done.
  void check_wiring();
  /// For the check: changes the UART's speed, where the platform can do that.
  void set_line_speed(uint32_t baud_rate, uint8_t stop_bits);
#endif
#ifdef USE_MULTICAL_SCAN
  /// Asks for every register and writes into the log what there is, between the readings; stops a scan that runs.
  void scan_registers();
#endif
  /// Whether there is a port to talk through; false for a USB adapter that is not there or was pulled. To be called
  /// while nothing is being sent.
  bool port_is_usable();
  /// The level of the line: true is rest. Nothing where there is no pin to look at.
  optional<bool> line_level() const;

#ifdef USE_MULTICAL_RX_PIN
  /// The UART's RX pin, to look at its level; the UART keeps it.
  void set_rx_pin(InternalGPIOPin *rx_pin) { this->rx_pin_ = rx_pin; }
#endif
#ifdef USE_HOST
  /// The UART as a component, which knows whether it could open its port.
  void set_port(Component *port) { this->port_ = port; }
#endif

  /// What the link is worth, and the entities that say so.
  LinkMonitor &link() { return this->link_; }

  /// Called when every request of an update was answered.
  template<typename F> void add_on_reading_callback(F &&callback) {
    this->on_reading_callback_.add(std::forward<F>(callback));
  }
  /// Called with the new status when the link's status changes.
  template<typename F> void add_on_link_status_callback(F &&callback) {
    this->link_.add_on_link_status_callback(std::forward<F>(callback));
  }

  /// True from the beginning of an update until its last request was answered or given up.
  bool is_updating() const { return this->updating_; }

 protected:
  void send(const uint8_t *data, size_t size) override;
  void on_reply(const kmp::Request &request, const kmp::Reply &reply) override;
  void on_attempt_failed(const kmp::Attempt &attempt) override;
  void on_failure(const kmp::Request &request) override;

  void receive_bytes_(uint32_t now);
  void start_update_();
  void next_request_(uint32_t now);
  void end_update_();

#ifdef USE_MULTICAL_OWN_INTERVALS
  bool poller_runs_() const { return this->get_update_interval() != SCHEDULER_DONT_RUN; }
  static uint32_t wait_for_update_(const RegisterEntity *entity);
  void start_own_intervals_();
  void join_update_();
  void own_intervals_over_();
  void schedule_own_intervals_();
#endif
  void mark_due_(RegisterEntity *entity) { entity->due_ = !entity->unsupported_; }

  void add_to_request_(kmp::Request *request, const RegisterEntity *entity) const;
  void entity_missing_(RegisterEntity *entity);
  bool has_untried_(const kmp::Request &request) const;
  void silent_batch_found_();
  void take_registers_(const kmp::Request &request, const kmp::Reply &reply);
  void take_serial_no_(uint32_t serial_no);
  void entity_failed_(RegisterEntity *entity);
  void meter_found_();
  void link_failed_();
  void sample_line_();

  kmp::Conversation conversation_{this};
  StaticVector<RegisterEntity *, MULTICAL_MAX_ENTITIES> entities_;
#ifdef USE_MULTICAL_METER_TYPE
  StaticVector<MeterTypeListener *, MULTICAL_MAX_TYPE_LISTENERS> meter_type_listeners_;
#endif
#ifdef USE_MULTICAL_RX_PIN
  InternalGPIOPin *rx_pin_{nullptr};
#endif
#ifdef USE_HOST
  Component *port_{nullptr};
#endif
  LinkMonitor link_{this};
#ifdef USE_MULTICAL_INFO
  InfoMonitor info_;
#endif
#ifdef USE_MULTICAL_SIDE_TASKS
  SideTask *asker_{nullptr};  ///< whose request is under way
#endif
#ifdef USE_MULTICAL_CHECK_WIRING
  WiringCheck wiring_check_{this};
#endif
#ifdef USE_MULTICAL_SCAN
  RegisterScan scan_{this};
#endif
  LazyCallbackManager<void()> on_reading_callback_;
  kmp::Request silent_batch_{kmp::Request::get_registers()};  ///< unanswered while checking_alive_
#ifdef USE_MULTICAL_OWN_INTERVALS
  uint32_t last_update_{0};  ///< millis() of the last update()
#endif
  uint32_t serial_no_{0};                   ///< of the meter, 0 before it is known
  uint8_t batch_size_{kmp::MAX_REGISTERS};  ///< registers in one request
  bool updating_{false};
  bool request_failed_{false};  ///< in this update
  bool answered_{false};        ///< in this update
  bool meter_type_due_{false};
  bool serial_no_due_{false};
  bool serial_no_wanted_{false};  ///< in the update after this one
  bool checking_alive_{false};
};

template<typename... Ts> class ReadAction final : public Action<Ts...>, public Parented<Multical> {
 public:
  void play(const Ts &...x) override { this->parent_->read(); }
};

#ifdef USE_MULTICAL_CHECK_WIRING
template<typename... Ts> class CheckWiringAction final : public Action<Ts...>, public Parented<Multical> {
 public:
  void play(const Ts &...x) override { this->parent_->check_wiring(); }
};
#endif

#ifdef USE_MULTICAL_SCAN
template<typename... Ts> class ScanRegistersAction final : public Action<Ts...>, public Parented<Multical> {
 public:
  void play(const Ts &...x) override { this->parent_->scan_registers(); }
};
#endif

}  // namespace esphome::multical
