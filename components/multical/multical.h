#pragma once

#include "esphome/core/component.h"
#include "esphome/core/defines.h"
#include "esphome/core/helpers.h"

#include "asker_turns.h"
#include "interval_schedule.h"
#include "kmp_conversation.h"
#include "line_port.h"
#include "link_monitor.h"
#include "meter_type_listener.h"
#include "reading_plan.h"

namespace esphome::multical {

/// One meter on one UART. It connects the parts: the askers, above all ReadingPlan, decide what to ask; the
/// conversation knows the rules of the line; the link monitor publishes how healthy the link is.
///
/// Only reads. Never waits in loop(): it takes the bytes that are there and returns.
class Multical final : public PollingComponent, protected kmp::ConversationHandler, protected ReadingListener {
 public:
  void setup() override;
  void loop() override;
  void dump_config() override;
  /// Reads the entities without an interval of their own, and those whose interval is over.
  void update() override;

  /// Reads everything now.
  void read();
  /// Reads one entity as soon as the line is free.
  void request(const RegisterEntity *entity);

  void set_response_timeout(uint32_t response_timeout) { this->conversation_.set_response_timeout(response_timeout); }
  void set_retries(uint8_t retries) { this->conversation_.set_retries(retries); }

  /// @param companion_id a register to ask for in the same request, 0 for none; a meter need not have it
  /// @param interval milliseconds, for Schedule::OWN_INTERVAL and Schedule::IDENTITY
  void add_entity(RegisterEntity *entity, uint16_t register_id, uint16_t companion_id = 0,
                  Schedule schedule = Schedule::UPDATES, uint32_t interval = 0);
  void add_meter_type_listener(MeterTypeListener *listener) { this->meter_type_listeners_.push_back(listener); }
  /// Adds something that asks in addition to the readings.
  void add_side_task(Asker *task) { this->askers_.push_back(task); }

  LinePort &port() { return this->port_; }
  LinkMonitor &link() { return this->link_; }
  kmp::Request likely_request() const { return this->plan_.likely_request(); }

  /// Called when everything due in an update was read.
  template<typename F> void add_on_reading_callback(F &&callback) {
    this->on_reading_callback_.add(std::forward<F>(callback));
  }

  /// True from the beginning of an update until its last request was answered or has failed.
  bool is_updating() const { return this->plan_.is_updating(); }

 protected:
  void send(std::span<const uint8_t> frame) override { this->port_.send(frame); }
  void on_answer(const kmp::Answer &answer) override;
  bool on_attempt_failed(const kmp::Attempt &attempt) override;
  void on_failure(const kmp::Request &request, const kmp::Attempt &attempt) override;
  void on_late_reply(const kmp::Attempt &attempt, uint32_t delay) override;

  void on_attempt(const kmp::Attempt &attempt, std::optional<uint32_t> delay) override {
    this->link_.attempt_ended(this->health_, attempt, delay);
  }
  void on_register_news(uint16_t register_id, RegisterNews news) override;
  void on_command_refused(kmp::Command command) override;
  void on_meter_type(const kmp::MeterType &meter_type) override;
  void on_meter_replaced(uint32_t old_serial_no, uint32_t serial_no) override;
  void on_update_end(bool complete) override;

  void poll_intervals_(bool with_update);
  void receive_();
  void start_(const kmp::Request &request);
  void sample_line_();
  void check_loan_();

  LinePort port_;
  kmp::Conversation conversation_{this};
  LinkHealth health_;
  LinkMonitor link_{this};
  ReadingPlan plan_{this, &this->health_};
  IntervalSchedule intervals_{&this->plan_};
  StaticVector<ReadingSlot, MULTICAL_MAX_ENTITIES> slots_;
  StaticVector<IntervalSchedule::Entry, MULTICAL_MAX_INTERVALS> interval_entries_;
  StaticVector<MeterTypeListener *, MULTICAL_MAX_TYPE_LISTENERS> meter_type_listeners_;
  StaticVector<Asker *, MULTICAL_MAX_SIDE_TASKS + 1> askers_{&this->plan_};
  AskerTurns turns_;
  LazyCallbackManager<void()> on_reading_callback_;
  bool is_lent_{false};   ///< somebody else has the line
  bool was_lent_{false};  ///< since the last request began
  uint64_t now_{0};       ///< milliseconds when loop() began
};

}  // namespace esphome::multical
