#include "multical.h"

#include <algorithm>
#include <cinttypes>

#include "esphome/core/application.h"
#include "esphome/core/log.h"

namespace esphome::multical {

static const char *const TAG = "multical";

/// Scheduler id of the timer for entities with an interval of their own.
static constexpr uint32_t OWN_INTERVALS_TIMER = 0;
/// An entity whose own interval ends this close to an update of the hub is read with it, in the same request; less when
/// the interval is short.
static constexpr uint32_t MAX_WAIT_FOR_UPDATE = 5000;
/// After so many updates without an answer the meter counts as gone, and what it last said of the moment as unknown.
static constexpr uint8_t FAILED_UPDATES_UNTIL_UNKNOWN = 3;

static bool reached(uint32_t now, uint32_t when) { return static_cast<int32_t>(now - when) >= 0; }

const char *link_status_to_string(LinkStatus status) {
  switch (status) {
    case LinkStatus::STARTING:
      return "starting";
    case LinkStatus::OK:
      return "ok";
    case LinkStatus::NO_ANSWER:
      return "no_answer";
  }
  return "";
}

void Multical::setup() {
  const uint32_t now = millis();
  for (auto *entity : this->entities_)
    entity->next_due_ = now;
#ifdef USE_MULTICAL_LINK_STATUS
  if (this->link_status_text_sensor_ != nullptr)
    this->link_status_text_sensor_->publish_state(link_status_to_string(this->link_status_));
#endif
  // With an interval of the hub, its first update reads them all and starts their timers.
  if (!this->poller_runs_())
    this->schedule_own_intervals_();
}

void Multical::dump_config() {
  ESP_LOGCONFIG(TAG,
                "Multical:\n"
                "  Response timeout: %" PRIu32
                " ms\n"
                "  Retries: %u\n"
                "  Registers: %u\n"
                "  Link: %s",
                this->conversation_.response_timeout(), this->conversation_.retries(),
                static_cast<unsigned>(this->entities_.size()), link_status_to_string(this->link_status_));
  LOG_UPDATE_INTERVAL(this);
#ifdef USE_MULTICAL_CONNECTED
  LOG_BINARY_SENSOR("  ", "Connected", this->connected_binary_sensor_);
#endif
#ifdef USE_MULTICAL_LINK_STATUS
  LOG_TEXT_SENSOR("  ", "Link status", this->link_status_text_sensor_);
#endif
}

// What is due

void Multical::update() {
  const uint32_t now = millis();
  this->last_update_ = now;
  for (auto *entity : this->entities_) {
    if (entity->schedule_ == RegisterEntity::Schedule::UPDATES) {
      this->mark_due_(entity);
    } else if (entity->schedule_ == RegisterEntity::Schedule::OWN_INTERVAL) {
      const uint32_t wait = std::min(entity->update_interval_ / 2, MAX_WAIT_FOR_UPDATE);
      if (reached(now + wait, entity->next_due_)) {
        this->mark_due_(entity);
        entity->next_due_ = now + entity->update_interval_;
      }
    }
  }
  this->schedule_own_intervals_();
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

void Multical::own_intervals_over_() {
  const uint32_t now = millis();
  bool any_due = false;
  for (auto *entity : this->entities_) {
    if (entity->schedule_ != RegisterEntity::Schedule::OWN_INTERVAL || !reached(now, entity->next_due_))
      continue;
    const uint32_t wait = std::min(entity->update_interval_ / 2, MAX_WAIT_FOR_UPDATE);
    if (this->poller_runs_() && this->get_update_interval() - (now - this->last_update_) <= wait)
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

// Asking

void Multical::start_update_() {
  if (this->updating_)
    return;
  this->updating_ = true;
  this->answered_ = false;
  this->request_failed_ = false;
  this->enable_loop();
}

void Multical::loop() {
  const uint32_t now = App.get_loop_component_start_time();
  this->receive_bytes_(now);
  this->conversation_.poll(now);
  if (!this->conversation_.is_idle())
    return;
  if (this->updating_) {
    this->next_request_(now);
  } else {
    this->disable_loop();
  }
}

void Multical::receive_bytes_(uint32_t now) {
  uint8_t bytes[64];
  for (size_t available = this->available(); available > 0;) {
    const size_t count = std::min(available, sizeof(bytes));
    if (!this->read_array(bytes, count))
      return;
    for (size_t i = 0; i < count; i++)
      this->conversation_.receive(bytes[i], now);
    available -= count;
  }
}

void Multical::next_request_(uint32_t now) {
  auto request = kmp::Request::get_registers();
  for (auto *entity : this->entities_) {
    if (entity->due_)
      request.add_register(entity->register_id());
  }
  if (request.register_count() > 0) {
    this->conversation_.start(request, now);
  } else if (this->meter_type_due_ && !this->request_failed_) {
    this->conversation_.start(kmp::Request::get_type(), now);
  } else if (!this->answered_ && !this->request_failed_) {
    // Nothing that the meter has is due: ask for something that every meter has, to know whether it is there.
    this->conversation_.start(kmp::Request::get_serial_no(), now);
  } else {
    this->end_update_();
  }
}

void Multical::end_update_() {
  this->updating_ = false;
  if (!this->request_failed_)
    this->on_reading_callback_.call();
}

void Multical::send(const uint8_t *data, size_t size) { this->write_array(data, size); }

// What came

void Multical::on_reply(const kmp::Request &request, const kmp::Reply &reply) {
  this->answered_ = true;
  this->failed_updates_ = 0;
  this->set_connected_(true);
  this->set_link_status_(LinkStatus::OK);
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
      break;
  }
}

void Multical::take_registers_(const kmp::Request &request, const kmp::Reply &reply) {
  uint16_t missing = 0;
  for (auto *entity : this->entities_) {
    if (!request.asks_for(entity->register_id()))
      continue;
    entity->due_ = false;
    bool found = false;
    for (uint8_t i = 0; i < reply.register_count() && !found; i++) {
      const auto value = reply.register_value(i);
      found = value.id == entity->register_id();
      if (found) {
        entity->answered_ = true;
        entity->failed_updates_ = 0;
        entity->on_value(value);
      }
    }
    if (found)
      continue;
    if (entity->answered_) {
      this->entity_failed_(entity);
    } else {
      entity->unsupported_ = true;
      if (missing != entity->register_id())
        ESP_LOGW(TAG, "Register %u is not in this meter", entity->register_id());
      missing = entity->register_id();
    }
  }
}

void Multical::on_failure(const kmp::Request &request) {
  this->request_failed_ = true;
  // What else is due would stay unanswered too, and a meter's battery pays for every request.
  for (auto *entity : this->entities_) {
    if (entity->due_)
      this->entity_failed_(entity);
    entity->due_ = false;
  }
  if (this->failed_updates_ < FAILED_UPDATES_UNTIL_UNKNOWN)
    this->failed_updates_++;
  if (!this->connected_ || this->failed_updates_ == FAILED_UPDATES_UNTIL_UNKNOWN)
    this->set_connected_(false);
  this->set_link_status_(LinkStatus::NO_ANSWER);
}

void Multical::entity_failed_(RegisterEntity *entity) {
  if (entity->failed_updates_ == FAILED_UPDATES_UNTIL_UNKNOWN)
    return;
  if (++entity->failed_updates_ == FAILED_UPDATES_UNTIL_UNKNOWN)
    entity->on_unknown();
}

// What is said of the link

void Multical::set_connected_(bool connected) {
#ifdef USE_MULTICAL_CONNECTED
  if (this->connected_binary_sensor_ != nullptr)
    this->connected_binary_sensor_->publish_state(connected);
#endif
  if (connected && !this->connected_) {
    // It may be another meter than before.
    for (auto *entity : this->entities_) {
      entity->unsupported_ = false;
      entity->answered_ = false;
      if (entity->identity_)
        entity->due_ = true;
    }
#ifdef USE_MULTICAL_METER_TYPE
    this->meter_type_due_ = true;
#endif
  }
  this->connected_ = connected;
}

void Multical::set_link_status_(LinkStatus status) {
  if (this->link_status_ == status)
    return;
  this->link_status_ = status;
  const char *name = link_status_to_string(status);
  if (status == LinkStatus::OK) {
    ESP_LOGI(TAG, "Link: %s", name);
    this->status_clear_warning();
  } else {
    this->status_set_warning(LOG_STR("no answer from the meter"));
  }
#ifdef USE_MULTICAL_LINK_STATUS
  if (this->link_status_text_sensor_ != nullptr)
    this->link_status_text_sensor_->publish_state(name);
#endif
  this->on_link_status_callback_.call(StringRef(name));
}

}  // namespace esphome::multical
