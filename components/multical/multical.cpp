#include "multical.h"

#include <algorithm>
#include <cinttypes>
#include <utility>

#include "esphome/core/application.h"
#include "esphome/core/log.h"

namespace esphome::multical {

static const char *const TAG = "multical";

/// The register that holds the serial number.
static constexpr uint16_t SERIAL_NUMBER = 1001;

void Multical::setup() {
  for (auto *entity : this->entities_)
    entity->on_new_meter();
  this->link_.setup();
#ifdef USE_MULTICAL_OWN_INTERVALS
  this->start_own_intervals_();
#endif
}

void Multical::dump_config() {
  ESP_LOGCONFIG(TAG,
                "Multical:\n"
                "  Response timeout: %" PRIu32
                " ms\n"
                "  Retries: %u\n"
                "  Registers: %u",
                this->conversation_.response_timeout(), this->conversation_.retries(),
                static_cast<unsigned>(this->entities_.size()));
  LOG_UPDATE_INTERVAL(this);
  this->link_.dump_config();
}

// What is due

void Multical::update() {
  for (auto *entity : this->entities_) {
    if (entity->schedule_ == RegisterEntity::Schedule::UPDATES)
      this->mark_due_(entity);
  }
#ifdef USE_MULTICAL_OWN_INTERVALS
  this->join_update_();
#endif
  this->start_update_();
}

void Multical::read() {
  for (auto *entity : this->entities_) {
    if (entity->schedule_ != RegisterEntity::Schedule::REQUEST)
      this->mark_due_(entity);
  }
  this->start_update_();
}

void Multical::request(RegisterEntity *entity) {
  this->mark_due_(entity);
  this->start_update_();
}

#ifdef USE_MULTICAL_OWN_INTERVALS

/// Scheduler id of the timer for entities with an interval of their own.
static constexpr uint32_t OWN_INTERVALS_TIMER = 0;
/// An entity whose own interval ends this close to an update of the hub is read with it, in the same request; less when
/// the interval is short.
static constexpr uint32_t MAX_WAIT_FOR_UPDATE = 5000;
static bool reached(uint32_t now, uint32_t when) { return static_cast<int32_t>(now - when) >= 0; }

void Multical::start_own_intervals_() {
  const uint32_t now = millis();
  for (auto *entity : this->entities_)
    entity->next_due_ = now;
  // With an interval of the hub, its first update reads them all and starts their timers.
  if (!this->poller_runs_())
    this->schedule_own_intervals_();
}

void Multical::join_update_() {
  const uint32_t now = millis();
  this->last_update_ = now;
  for (auto *entity : this->entities_) {
    if (entity->schedule_ == RegisterEntity::Schedule::OWN_INTERVAL &&
        reached(now + wait_for_update_(entity), entity->next_due_)) {
      this->mark_due_(entity);
      entity->next_due_ = now + entity->update_interval_;
    }
  }
  this->schedule_own_intervals_();
}

uint32_t Multical::wait_for_update_(const RegisterEntity *entity) {
  return std::min(entity->update_interval_ / 2, MAX_WAIT_FOR_UPDATE);
}

void Multical::own_intervals_over_() {
  const uint32_t now = millis();
  bool any_due = false;
  for (auto *entity : this->entities_) {
    if (entity->schedule_ != RegisterEntity::Schedule::OWN_INTERVAL || !reached(now, entity->next_due_))
      continue;
    if (this->poller_runs_() && this->get_update_interval() - (now - this->last_update_) <= wait_for_update_(entity))
      continue;
    this->mark_due_(entity);
    any_due |= entity->due_;
    // Keeps the rhythm, so that entities with the same interval stay in one request.
    entity->next_due_ += entity->update_interval_;
    if (reached(now, entity->next_due_))
      entity->next_due_ = now + entity->update_interval_;
  }
  this->schedule_own_intervals_();
  if (any_due)
    this->start_update_();
}

void Multical::schedule_own_intervals_() {
  const uint32_t now = millis();
  uint32_t soonest = SCHEDULER_DONT_RUN;
  for (auto *entity : this->entities_) {
    if (entity->schedule_ != RegisterEntity::Schedule::OWN_INTERVAL)
      continue;
    if (!reached(now, entity->next_due_)) {
      soonest = std::min(soonest, entity->next_due_ - now);
    } else if (!this->poller_runs_()) {
      soonest = 0;
    }
    // Otherwise it waits for the update that is about to come.
  }
  if (soonest != SCHEDULER_DONT_RUN)
    this->set_timeout(OWN_INTERVALS_TIMER, soonest, [this]() { this->own_intervals_over_(); });
}

#endif  // USE_MULTICAL_OWN_INTERVALS

// Asking

void Multical::start_update_() {
  if (this->updating_)
    return;
  this->updating_ = true;
  this->answered_ = false;
  this->request_failed_ = false;
  this->serial_no_due_ = this->serial_no_wanted_;
  this->enable_loop();
}

void Multical::loop() {
  const uint32_t now = App.get_loop_component_start_time();
  this->receive_bytes_(now);
  this->conversation_.poll(now);
  if (!this->conversation_.is_idle())
    return;
#ifdef USE_MULTICAL_CHECK_WIRING
  if (this->wiring_check_.is_active()) {
    this->wiring_check_.loop(now);
    return;
  }
#endif
  if (this->updating_) {
    this->next_request_(now);
    return;
  }
#ifdef USE_MULTICAL_SCAN
  if (this->scan_.is_active()) {
    this->scan_.loop(now);
    return;
  }
#endif
  this->disable_loop();
}

void Multical::receive_bytes_(uint32_t now) {
  // ESPHome's host UART logs an error at every look at a port that is gone.
  if (this->link_.status() == kmp::LinkStatus::NO_PORT)
    return;
  uint8_t bytes[64];
  uint8_t pulses = 0;
  for (size_t available = this->available(); available > 0;) {
    const size_t count = std::min(available, sizeof(bytes));
    if (!this->read_array(bytes, count))
      break;
    for (size_t i = 0; i < count; i++) {
      this->conversation_.receive(bytes[i], now);
      if (this->conversation_.is_waiting())
        continue;
#ifdef USE_MULTICAL_CHECK_WIRING
      this->wiring_check_.unasked_byte(bytes[i]);
#endif
      if (bytes[i] == 0x00 && pulses < UINT8_MAX)
        pulses++;
    }
    available -= count;
  }
  this->link_.pulses_seen(pulses);
}

void Multical::next_request_(uint32_t now) {
  if (!this->answered_ && !this->request_failed_) {
    this->sample_line_();
    const bool usable = this->port_is_usable();
    this->link_.port_checked(usable);
    if (!usable)
      this->link_failed_();
  }
  if (this->request_failed_) {
    this->end_update_();
    return;
  }
  if (this->checking_alive_) {
    this->conversation_.start(kmp::Request::get_serial_no(), now, 1);
    return;
  }
  auto request = kmp::Request::get_registers();
  for (const auto *entity : this->entities_) {
    if (entity->due_)
      this->add_to_request_(&request, entity);
  }
  if (request.register_count() > 0) {
    if (this->serial_no_due_ && request.register_count() < this->batch_size_)
      request.add_register(SERIAL_NUMBER);
    this->conversation_.start(request, now);
  } else if (this->meter_type_due_) {
    this->conversation_.start(kmp::Request::get_type(), now);
  } else if (this->serial_no_due_ || !this->answered_) {
    // Not answered: nothing that the meter has is due, but whether it is there is worth a request.
    this->conversation_.start(kmp::Request::get_serial_no(), now);
  } else {
    this->end_update_();
  }
}

void Multical::add_to_request_(kmp::Request *request, const RegisterEntity *entity) const {
  const uint16_t id = entity->register_id();
  const uint16_t companion_id = entity->companion_id_;
  if (!entity->has_companion()) {
    if (request->register_count() < this->batch_size_)
      request->add_register(id);
  } else if (this->batch_size_ == 1) {
    // One of the two may be what makes this meter silent.
    if (request->register_count() == 0)
      request->add_register(entity->companion_tried_ ? id : companion_id);
  } else {
    const int wanted = (request->asks_for(id) ? 0 : 1) + (request->asks_for(companion_id) ? 0 : 1);
    if (request->register_count() + wanted <= this->batch_size_) {
      request->add_register(id);
      request->add_register(companion_id);
    }
  }
}

void Multical::end_update_() {
  this->updating_ = false;
  this->batch_size_ = kmp::MAX_REGISTERS;
  this->link_.update_ended(!this->request_failed_, millis());
  if (!this->request_failed_)
    this->on_reading_callback_.call();
}

void Multical::send(const uint8_t *data, size_t size) { this->write_array(data, size); }

// What came

void Multical::on_reply(const kmp::Request &request, const kmp::Reply &reply) {
#ifdef USE_MULTICAL_SIDE_TASKS
  if (this->asker_ != nullptr) {
    std::exchange(this->asker_, nullptr)->on_reply(request, reply);
    return;
  }
#endif
  this->answered_ = true;
  const bool was_connected = this->link_.connected();
  this->link_.request_answered(this->conversation_.attempt(), this->conversation_.reply_delay());
  if (!was_connected)
    this->meter_found_();
  switch (reply.command()) {
    case kmp::Command::GET_REGISTER:
      this->take_registers_(request, reply);
      break;
    case kmp::Command::GET_TYPE:
      this->meter_type_due_ = false;
#ifdef USE_MULTICAL_METER_TYPE
      for (auto *listener : this->meter_type_listeners_)
        listener->on_meter_type(reply.meter_type());
#endif
      break;
    case kmp::Command::GET_SERIAL_NO:
      this->take_serial_no_(reply.serial_no());
      if (this->checking_alive_)
        this->silent_batch_found_();
      break;
  }
}

void Multical::take_registers_(const kmp::Request &request, const kmp::Reply &reply) {
  kmp::RegisterValue value;
  kmp::Decimal serial_no;
  if (reply.find_register(SERIAL_NUMBER, &value) && value.to_decimal(&serial_no))
    this->take_serial_no_(serial_no.mantissa);
  uint16_t missing = 0;
  for (auto *entity : this->entities_) {
    const bool with_companion = entity->companion_id_ != 0 && request.asks_for(entity->companion_id_);
    if (with_companion)
      entity->companion_tried_ = true;
    if (!request.asks_for(entity->register_id()))
      continue;
    entity->due_ = false;
    if (reply.find_register(entity->register_id(), &value)) {
      entity->answered_ = true;
      entity->failed_updates_ = 0;
      kmp::RegisterValue companion;
      const bool has_companion = with_companion && reply.find_register(entity->companion_id_, &companion);
      if (has_companion) {
        entity->companion_misses_ = 0;
      } else if (with_companion && entity->has_companion()) {
        entity->companion_misses_++;
      }
      if (!entity->on_value(value, has_companion ? &companion : nullptr))
        entity->due_ = true;
    } else if (entity->answered_) {
      this->entity_failed_(entity);
    } else if (!entity->unsupported_) {
      this->entity_missing_(entity);
      if (entity->unsupported_ && missing != entity->register_id()) {
        missing = entity->register_id();
        ESP_LOGW(TAG, "Register %u is not in this meter", missing);
      }
    }
  }
}

void Multical::entity_missing_(RegisterEntity *entity) {
  entity->due_ = entity->on_missing();
  entity->unsupported_ = !entity->due_;
}

void Multical::take_serial_no_(uint32_t serial_no) {
  const bool replaced = this->serial_no_ != 0 && this->serial_no_ != serial_no;
  if (replaced) {
    ESP_LOGW(TAG, "Meter %" PRIu32 " was replaced by meter %" PRIu32, this->serial_no_, serial_no);
    this->meter_found_();
  }
  this->serial_no_ = serial_no;
  this->serial_no_due_ = false;
  this->serial_no_wanted_ = false;
}

void Multical::meter_found_() {
  // It may be another one than before.
  for (auto *entity : this->entities_) {
    entity->forget_meter_();
    entity->on_new_meter();
    if (entity->identity_)
      entity->due_ = true;
  }
#ifdef USE_MULTICAL_METER_TYPE
  this->meter_type_due_ = true;
#endif
  // Not now: the first reading shall be there soon.
  this->serial_no_wanted_ = true;
}

// What did not come

void Multical::on_attempt_failed(const kmp::Attempt &attempt) {
#ifdef USE_MULTICAL_SIDE_TASKS
  if (this->asker_ != nullptr) {
    this->asker_->on_attempt_failed(attempt);
    return;
  }
#endif
  this->link_.attempt_failed(attempt);
  this->sample_line_();
  if (attempt.received_size() > 0 || this->port_is_usable())
    return;
  this->link_.port_checked(false);
  this->conversation_.cancel(App.get_loop_component_start_time());
  this->link_failed_();
}

void Multical::on_failure(const kmp::Request &request) {
#ifdef USE_MULTICAL_SIDE_TASKS
  if (this->asker_ != nullptr) {
    std::exchange(this->asker_, nullptr)->on_failure(request, this->conversation_.attempt());
    return;
  }
#endif
  const auto evidence = this->conversation_.attempt().evidence();
  const bool silent = evidence == kmp::Evidence::NOTHING || evidence == kmp::Evidence::ECHO;
  if (request.command() == kmp::Command::GET_REGISTER && silent && this->has_untried_(request)) {
    // One of them may be a register that makes this meter silent.
    this->silent_batch_ = request;
    this->checking_alive_ = true;
  } else if (request.command() != kmp::Command::GET_REGISTER && this->answered_ && !this->checking_alive_) {
    ESP_LOGW(TAG, "Command %u is not answered by this meter", static_cast<unsigned>(request.command()));
    this->meter_type_due_ = false;
    this->serial_no_due_ = false;
    this->serial_no_wanted_ = false;
  } else {
    this->link_failed_();
  }
}

bool Multical::has_untried_(const kmp::Request &request) const {
  for (const auto *entity : this->entities_) {
    if (request.asks_for(entity->register_id()) && !entity->answered_)
      return true;
    if (entity->companion_id_ != 0 && request.asks_for(entity->companion_id_) && !entity->companion_tried_)
      return true;
  }
  return false;
}

void Multical::silent_batch_found_() {
  this->checking_alive_ = false;
  const uint8_t size = this->silent_batch_.register_count();
  if (size > 1) {
    this->batch_size_ = static_cast<uint8_t>(size / 2);
    return;
  }
  const uint16_t register_id = this->silent_batch_.register_id(0);
  ESP_LOGW(TAG, "Register %u makes this meter silent", register_id);
  for (auto *entity : this->entities_) {
    if (entity->register_id() == register_id) {
      this->entity_missing_(entity);
    } else if (entity->companion_id_ == register_id) {
      entity->companion_misses_ = RegisterEntity::MAX_COMPANION_MISSES;
    }
  }
}

void Multical::link_failed_() {
  this->request_failed_ = true;
  this->checking_alive_ = false;
  // What else is due would stay unanswered too, and a meter's battery pays for every request.
  for (auto *entity : this->entities_) {
    if (entity->due_)
      this->entity_failed_(entity);
    entity->due_ = false;
  }
  this->link_.request_failed(this->conversation_.attempt());
}

void Multical::entity_failed_(RegisterEntity *entity) {
  if (entity->failed_updates_ == FAILED_UPDATES_UNTIL_UNKNOWN)
    return;
  if (++entity->failed_updates_ == FAILED_UPDATES_UNTIL_UNKNOWN)
    entity->on_unknown();
}

// The line

bool Multical::port_is_usable() {
#ifdef USE_HOST
  if (this->port_ != nullptr && this->port_->is_failed())
    return false;
  // Nothing is being sent when this is asked, so it does not wait; of a port that is gone it fails.
  if (this->flush() == uart::UARTFlushResult::UART_FLUSH_RESULT_FAILED)
    return false;
#endif
  return this->parent_->is_connected();
}

optional<bool> Multical::line_level() const {
#ifdef USE_MULTICAL_RX_PIN
  if (this->rx_pin_ != nullptr)
    return this->rx_pin_->digital_read();
#endif
  return {};
}

void Multical::sample_line_() {
  const auto level = this->line_level();
  if (level.has_value())
    this->link_.line_sampled(*level);
}

#ifdef USE_MULTICAL_SIDE_TASKS
void Multical::ask(SideTask *asker, const kmp::Request &request, uint32_t now, uint8_t attempts) {
  this->asker_ = asker;
  this->conversation_.start(request, now, attempts);
}
#endif

#ifdef USE_MULTICAL_SCAN
void Multical::scan_registers() {
  this->scan_.start_or_stop();
  this->enable_loop();
}
#endif

#ifdef USE_MULTICAL_CHECK_WIRING
void Multical::check_wiring() {
  this->wiring_check_.start();
  this->enable_loop();
}

void Multical::set_line_speed(uint32_t baud_rate, uint8_t stop_bits) {
#ifdef USE_MULTICAL_SPEED_CHECK
  this->parent_->set_baud_rate(baud_rate);
  this->parent_->set_stop_bits(stop_bits);
  this->parent_->load_settings(false);
#endif
}
#endif

}  // namespace esphome::multical
