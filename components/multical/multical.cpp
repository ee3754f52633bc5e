#include "multical.h"

#include <cinttypes>

#include "esphome/core/log.h"

namespace esphome::multical {

static const char *const TAG = "multical";

void Multical::add_entity(RegisterEntity *entity, uint16_t register_id, uint16_t companion_id, Schedule schedule,
                          uint32_t interval) {
  if (interval != 0)
    this->interval_entries_.push_back({.interval = interval, .slot = static_cast<uint8_t>(this->slots_.size())});
  this->slots_.push_back({.entity = entity, .asked = {register_id, companion_id}, .schedule = schedule});
}

void Multical::setup() {
  const bool has_updates = this->get_update_interval() != SCHEDULER_DONT_RUN;
  this->turns_.set_askers({this->askers_.data(), this->askers_.size()});
  this->plan_.set_slots({this->slots_.data(), this->slots_.size()});
  this->plan_.set_wants_meter_type(!this->meter_type_listeners_.empty());
  this->intervals_.set_entries({this->interval_entries_.data(), this->interval_entries_.size()});
  this->intervals_.set_update_interval(has_updates ? this->get_update_interval() : 0);
  for (const auto &slot : this->slots_)
    slot.entity->on_new_meter();
  this->link_.setup();
  // Otherwise the first update begins the intervals.
  if (!has_updates)
    this->poll_intervals_(false);
}

void Multical::dump_config() {
  ESP_LOGCONFIG(TAG, "Multical:\n  Response timeout: %u ms\n  Retries: %u\n  Registers: %u",
                static_cast<unsigned>(this->conversation_.response_timeout()), this->conversation_.retries(),
                static_cast<unsigned>(this->slots_.size()));
  LOG_UPDATE_INTERVAL(this);
  this->link_.dump_config();
}

// What to read

void Multical::update() {
  this->plan_.want_update();
  this->poll_intervals_(true);
}

void Multical::read() {
  this->plan_.want_all();
  this->enable_loop();
}

void Multical::request(const RegisterEntity *entity) {
  this->plan_.want(entity);
  this->enable_loop();
}

void Multical::poll_intervals_(bool with_update) {
  if constexpr (MULTICAL_MAX_INTERVALS > 0) {
    const uint64_t now = millis_64();
    if (with_update)
      this->intervals_.join_update(now);
    this->intervals_.poll(now);
    constexpr uint32_t timer_id = 0;
    if (const auto wait = this->intervals_.wait(now))
      this->set_timeout(timer_id, *wait, [this]() { this->poll_intervals_(false); });
  }
  this->enable_loop();
}

// The line

void Multical::loop() {
  this->now_ = millis_64();
  if (LinePort::CAN_BE_LENT)
    this->check_loan_();
  if (this->is_lent_)
    return;
  this->receive_();
  this->conversation_.poll(static_cast<uint32_t>(this->now_));
  if (!this->conversation_.is_idle())
    return;
  if (const auto request = this->turns_.next(this->now_)) {
    this->start_(*request);
  } else if (!this->turns_.is_needed() && this->conversation_.is_done() && !this->port_.can_be_lent()) {
    this->disable_loop();
  }
}

// A request that is under way when somebody else gets the line says nothing about the link. Its asker is not told of a
// failure, so it asks again when the line is back.
void Multical::check_loan_() {
  const bool is_lent = this->port_.is_lent();
  this->was_lent_ |= is_lent;
  if (is_lent == this->is_lent_)
    return;
  this->is_lent_ = is_lent;
  ESP_LOGI(TAG, "Line %s", is_lent ? LOG_STR_LITERAL("lent to the serial_proxy") : LOG_STR_LITERAL("back"));
  if (!is_lent)
    this->port_.take_back();
}

void Multical::receive_() {
  while (const auto byte = this->port_.receive()) {
    this->conversation_.receive(*byte, static_cast<uint32_t>(this->now_));
    if (this->conversation_.is_waiting())
      continue;
    this->turns_.current()->unasked_byte(*byte);
    this->health_.unasked_byte(*byte);
  }
}

void Multical::start_(const kmp::Request &request) {
  if (LinePort::CAN_BE_LENT)
    this->was_lent_ = false;
  this->sample_line_();
  const bool usable = this->port_.check();
  this->health_.port_checked(usable);
  if (usable) {
    this->conversation_.start(request, static_cast<uint32_t>(this->now_));
  } else {
    this->on_failure(request, {});
  }
}

void Multical::sample_line_() {
  if (const auto level = this->port_.level())
    this->health_.line_sampled(*level);
}

// Answers and failures

void Multical::on_answer(const kmp::Answer &answer) { this->turns_.current()->answered(answer, this->now_); }

bool Multical::on_attempt_failed(const kmp::Attempt &attempt) {
  if (LinePort::CAN_BE_LENT && this->was_lent_)
    return false;
  this->turns_.current()->attempt_failed(attempt);
  this->sample_line_();
  if (attempt.received_size() == 0)
    this->health_.port_checked(this->port_.check());
  return this->port_.is_usable();
}

void Multical::on_failure(const kmp::Request &request, const kmp::Attempt &attempt) {
  if (LinePort::CAN_BE_LENT && this->was_lent_)
    return;
  const auto evidence = this->port_.is_usable() ? attempt.evidence() : kmp::Evidence::NO_PORT;
  this->turns_.current()->failed(request, evidence, this->now_);
  this->link_.publish(this->health_, attempt);
}

void Multical::on_late_reply(const kmp::Attempt &attempt, uint32_t delay) {
  ESP_LOGW(TAG, "An answer came too late, %" PRIu32 " ms after its request", delay);
  this->turns_.current()->answered_late();
  this->link_.publish(this->health_, attempt);
}

// Reports from the plan

void Multical::on_register_news(uint16_t register_id, RegisterNews news) {
  const LogString *what = news == RegisterNews::LEFT_OUT   ? LOG_STR("is not in this meter")
                          : news == RegisterNews::SILENCES ? LOG_STR("stops this meter answering")
                                                           : LOG_STR("is no longer sent");
  ESP_LOGW(TAG, "Register %u %s", register_id, LOG_STR_ARG(what));
}

void Multical::on_command_refused(kmp::Command command) {
  ESP_LOGW(TAG, "This meter does not answer command %u", static_cast<unsigned>(command));
}

void Multical::on_meter_type(const kmp::MeterType &meter_type) {
  for (auto *listener : this->meter_type_listeners_)
    listener->on_meter_type(meter_type);
}

void Multical::on_meter_replaced(uint32_t old_serial_no, uint32_t serial_no) {
  ESP_LOGW(TAG, "Meter %" PRIu32 " was replaced by meter %" PRIu32, old_serial_no, serial_no);
}

void Multical::on_update_end(bool complete) {
  this->link_.update_ended(complete, this->now_);
  if (complete)
    this->on_reading_callback_.call();
}

}  // namespace esphome::multical
