#include "reading_plan.h"

#include "register_numbers_table.h"

namespace esphome::multical {

using Turn = ReadingSlot::Turn;
using Knowledge = ReadingSlot::Knowledge;

static constexpr uint64_t DAY = 24ULL * 60 * 60 * 1000;

void ReadingSlot::forget(bool use_stand_in) {
  if (this->stands_in != use_stand_in)
    this->asked = this->entity->instead_of(this->asked.id);
  this->stands_in = use_stand_in;
  this->knowledge = Knowledge::UNTRIED;
  this->companion = Knowledge::UNTRIED;
  this->companion_misses = 0;
}

// What to read

void ReadingPlan::want_(ReadingSlot *slot) {
  slot->wanted = true;
  // A missing register starts no update; it waits for its next chance.
  this->wanted_ |= slot->knowledge != Knowledge::MISSING;
}

void ReadingPlan::want(uint8_t index) {
  auto &slot = this->slots_[index];
  if (slot.schedule == Schedule::REQUEST && this->is_updating() && slot.knowledge != Knowledge::MISSING) {
    // Another value of this update made it necessary.
    slot.turn = Turn::DUE;
  } else {
    this->want_(&slot);
  }
}

void ReadingPlan::want(const RegisterEntity *entity) {
  for (size_t i = 0; i < this->slots_.size(); i++) {
    if (this->slots_[i].entity == entity)
      this->want(static_cast<uint8_t>(i));
  }
}

void ReadingPlan::want_update() {
  for (auto &slot : this->slots_) {
    if (slot.schedule == Schedule::UPDATES)
      this->want_(&slot);
  }
  this->wanted_ = true;
}

void ReadingPlan::want_all() {
  for (auto &slot : this->slots_) {
    if (slot.schedule != Schedule::REQUEST)
      this->want_(&slot);
  }
  this->wanted_ = true;
}

void ReadingPlan::give_another_chance_(uint64_t now) {
  this->next_chance_ = now + DAY;
  for (auto &slot : this->slots_) {
    if (slot.stands_in || slot.knowledge == Knowledge::MISSING) {
      slot.forget(false);
      this->wanted_ |= slot.wanted;
    } else if (slot.companion == Knowledge::MISSING) {
      slot.companion = Knowledge::UNTRIED;
      slot.companion_misses = 0;
    }
  }
  this->meter_type_due_ = this->wants_meter_type_ && !this->has_meter_type_;
  this->serial_no_wanted_ = true;
}

// An update

Need ReadingPlan::need() const {
  if (this->phase_ == Phase::IDLE)
    return this->wanted_ ? Need::TURN : Need::NOTHING;
  // A search takes a long time: others need not wait for it.
  return this->search_.is_active() ? Need::TURN : Need::LINE;
}

std::optional<kmp::Request> ReadingPlan::next(uint64_t now) {
  if (this->phase_ == Phase::IDLE) {
    if (now >= this->next_chance_)
      this->give_another_chance_(now);
    if (!this->wanted_)
      return {};
    this->begin_update_();
  }
  auto request = this->next_request_();
  if (request.command() == kmp::Command::GET_REGISTER && request.register_count() == 0) {
    this->end_update_();
    return {};
  }
  return request;
}

/// A request without registers if nothing is left to ask.
kmp::Request ReadingPlan::next_request_() const {
  if (this->phase_ == Phase::PROVING) {
    auto request = kmp::Request::get_serial_no();
    request.set_once();
    return request;
  }
  auto request = this->search_.is_active() ? this->search_.request() : this->due_request_();
  if (this->search_.is_active() || (this->serial_no_due_ && request.register_count() > 0))
    request.add_register(SERIAL_NUMBER);  // where there is room
  if (request.register_count() > 0)
    return request;
  // Not answered: nothing that the meter has is due, but it is worth a request to see whether it is there.
  if (this->serial_no_due_ || !this->answered_)
    return kmp::Request::get_serial_no();
  // Last: a meter that does not answer this one has at least proved that it is there.
  if (this->meter_type_due_)
    return kmp::Request::get_type();
  return request;
}

void ReadingPlan::begin_update_() {
  this->phase_ = Phase::READING;
  this->wanted_ = false;
  this->complete_ = true;
  this->answered_ = false;
  this->found_ = false;
  this->searched_in_vain_ = false;
  this->serial_no_due_ = this->serial_no_wanted_;
  for (auto &slot : this->slots_) {
    if (slot.wanted && slot.knowledge != Knowledge::MISSING)
      slot.turn = Turn::DUE;
    slot.wanted = false;
  }
}

void ReadingPlan::end_update_() {
  this->phase_ = Phase::IDLE;
  // A value that did not come in an earlier update is still missing.
  for (const auto &slot : this->slots_) {
    if (slot.turn == Turn::OVERDUE && slot.schedule < Schedule::MANUAL)
      this->complete_ = false;
  }
  this->listener_->on_update_end(this->complete_);
}

kmp::Request ReadingPlan::due_request_() const {
  auto request = kmp::Request::get_registers();
  if (this->needs_company_())
    request.add_register(SERIAL_NUMBER);
  for (size_t i = 0; i < this->slots_.size(); i++) {
    const auto &slot = this->slots_[(this->first_ + i) % this->slots_.size()];
    if (slot.is_due())
      request.add_registers(slot.asked.id, slot.second_id());
  }
  return request;
}

kmp::Request ReadingPlan::likely_request() const {
  auto request = kmp::Request::get_registers();
  for (const auto &slot : this->slots_) {
    if (slot.knowledge == Knowledge::KNOWN) {
      request.add_register(slot.asked.id);
      return request;
    }
  }
  request.add_register(SERIAL_NUMBER);
  if (!this->slots_.empty())
    request.add_register(this->slots_.front().asked.id);
  return request;
}

/// Whether to add the serial number, which every meter has, to registers that this one may not have: some meters
/// reportedly send no reply if they have none of the registers asked for.
bool ReadingPlan::needs_company_() const {
  for (const auto &slot : this->slots_) {
    if (slot.turn == Turn::ONCE_MORE && slot.knowledge == Knowledge::UNTRIED)
      return true;
  }
  return false;
}

// Answers

void ReadingPlan::answered(const kmp::Answer &answer, uint64_t now) {
  this->answered_ = true;
  const bool is_found = this->health_->request_answered();
  this->listener_->on_attempt(answer.attempt, answer.delay);
  if (is_found)
    this->meter_found_(now);
  switch (answer.reply.command()) {
    case kmp::Command::GET_REGISTER:
      if (this->search_.is_active()) {
        this->search_.answered();
        this->searched_in_vain_ = !this->search_.is_active();
      }
      if (const auto value = answer.reply.find_register(SERIAL_NUMBER)) {
        if (const auto serial_no = value->to_decimal())
          this->take_serial_no_(static_cast<uint32_t>(serial_no->mantissa), now);
      }
      this->take_registers_(answer.request, answer.reply);
      break;
    case kmp::Command::GET_TYPE:
      this->has_meter_type_ = true;
      this->meter_type_due_ = false;
      this->listener_->on_meter_type(answer.reply.meter_type());
      break;
    case kmp::Command::GET_SERIAL_NO:
      this->take_serial_no_(answer.reply.serial_no(), now);
      if (this->phase_ == Phase::PROVING)
        this->take_proof_();
      break;
  }
}

void ReadingPlan::take_registers_(const kmp::Request &request, const kmp::Reply &reply) {
  for (auto &slot : this->slots_) {
    const auto value = reply.find_register(slot.asked.id);
    // Even if it is not due: a value that came for one entity proves the register for all that show it.
    if (value)
      slot.knowledge = Knowledge::KNOWN;
    if (reply.find_register(slot.asked.companion_id)) {
      slot.companion = Knowledge::KNOWN;
      slot.companion_misses = 0;
    }
    if (!slot.is_due() || !slot.is_asked_by(request))
      continue;
    if (value) {
      this->take_value_(&slot, *value, reply);
    } else {
      this->left_out_(&slot);
    }
  }
}

void ReadingPlan::take_value_(ReadingSlot *slot, const kmp::RegisterValue &value, const kmp::Reply &reply) {
  const bool may_ask_again = slot->turn == Turn::DUE;
  slot->misses = 0;
  std::optional<kmp::RegisterValue> companion;
  if (slot->has_companion()) {
    companion = reply.find_register(slot->asked.companion_id);
    if (!companion.has_value())
      this->companion_missed_(slot);
  }
  const bool believed =
      slot->entity->on_value({.value = value, .companion = companion, .has_companion = slot->has_companion()});
  slot->turn = !believed && may_ask_again ? Turn::ONCE_MORE : Turn::NOT_DUE;
}

void ReadingPlan::companion_missed_(ReadingSlot *slot) {
  slot->companion_misses++;
  const bool was_never_there = slot->companion == Knowledge::UNTRIED;
  if (slot->companion_misses == ReadingSlot::MAX_MISSES || (was_never_there && slot->turn == Turn::ONCE_MORE)) {
    slot->companion = Knowledge::MISSING;
  } else if (!was_never_there) {
    this->complete_ = false;
    this->tell_(slot->asked.companion_id, RegisterNews::STOPPED);
    slot->companion = Knowledge::STOPPED;
  }
}

void ReadingPlan::left_out_(ReadingSlot *slot) {
  if (slot->turn == Turn::DUE) {
    slot->turn = Turn::ONCE_MORE;
  } else if (slot->knowledge == Knowledge::UNTRIED) {
    if (!slot->has_stand_in())
      this->tell_(slot->asked.id, RegisterNews::LEFT_OUT);
    this->missing_(slot);
  } else {
    slot->turn = Turn::OVERDUE;
    this->complete_ = false;
    this->tell_(slot->asked.id, RegisterNews::STOPPED);
    slot->knowledge = Knowledge::STOPPED;
    this->missed_(slot);
  }
}

void ReadingPlan::missing_(ReadingSlot *slot) {
  if (slot->has_stand_in()) {
    slot->forget(true);
    if (slot->is_due())
      slot->turn = Turn::DUE;
    return;
  }
  slot->turn = Turn::NOT_DUE;
  slot->knowledge = Knowledge::MISSING;
  // Its value may be from the previous meter.
  this->unknown_(slot);
}

void ReadingPlan::unknown_(ReadingSlot *slot) {
  if (slot->misses == ReadingSlot::MAX_MISSES)
    return;
  slot->misses = ReadingSlot::MAX_MISSES;
  slot->entity->on_unknown();
}

void ReadingPlan::missed_(ReadingSlot *slot) {
  if (slot->misses < ReadingSlot::MAX_MISSES && ++slot->misses == ReadingSlot::MAX_MISSES)
    slot->entity->on_unknown();
}

void ReadingPlan::tell_(uint16_t register_id, RegisterNews news) {
  // Only once: several entities may show it.
  for (const auto &slot : this->slots_) {
    const bool is_told = slot.knowledge == Knowledge::STOPPED || slot.knowledge == Knowledge::MISSING;
    // A companion that was dropped without ever having come was not reported.
    const bool is_companion_told =
        slot.companion == Knowledge::STOPPED || (slot.companion == Knowledge::MISSING && news == RegisterNews::STOPPED);
    if ((is_told && slot.asked.id == register_id) || (is_companion_told && slot.asked.companion_id == register_id))
      return;
  }
  this->listener_->on_register_news(register_id, news);
}

void ReadingPlan::take_serial_no_(uint32_t serial_no, uint64_t now) {
  this->serial_no_due_ = false;
  if (this->serial_no_ != 0 && this->serial_no_ != serial_no) {
    // Only one new meter per update: two that answer in turn must not keep it going forever.
    if (this->found_)
      return;
    this->listener_->on_meter_replaced(this->serial_no_, serial_no);
    this->search_.stop();
    this->meter_found_(now);
  }
  this->serial_no_ = serial_no;
  this->serial_no_wanted_ = false;
}

void ReadingPlan::meter_found_(uint64_t now) {
  // It may be a different one.
  this->found_ = true;
  for (auto &slot : this->slots_) {
    slot.forget(false);
    slot.entity->on_new_meter();
    // An entity that has become unknown need not wait for its interval.
    const bool is_unknown = slot.misses == ReadingSlot::MAX_MISSES && slot.schedule != Schedule::REQUEST;
    if (slot.is_due() || slot.schedule == Schedule::IDENTITY || is_unknown)
      slot.turn = Turn::DUE;
  }
  this->has_meter_type_ = false;
  this->meter_type_due_ = this->wants_meter_type_;
  // Not in this update, so that the first reading comes soon.
  this->serial_no_wanted_ = true;
  this->next_chance_ = now + DAY;
}

// Failures

void ReadingPlan::attempt_failed(const kmp::Attempt &attempt) {
  this->health_->attempt_failed(attempt);
  this->listener_->on_attempt(attempt, {});
}

void ReadingPlan::failed(const kmp::Request &request, kmp::Evidence evidence, uint64_t) {
  const bool asked_registers = request.command() == kmp::Command::GET_REGISTER;
  const bool are_suspect = this->phase_ == Phase::READING && asked_registers && kmp::is_silence(evidence);
  if (are_suspect && this->search_.is_active()) {
    if (this->search_.silent())
      this->phase_ = Phase::PROVING;
  } else if (are_suspect && this->begin_search_(request)) {
    this->phase_ = Phase::PROVING;
  } else if (this->phase_ == Phase::READING && !asked_registers && this->answered_ &&
             evidence != kmp::Evidence::NO_PORT) {
    this->listener_->on_command_refused(request.command());
    if (request.command() == kmp::Command::GET_TYPE) {
      this->meter_type_due_ = false;
    } else {
      this->serial_no_due_ = false;
      this->serial_no_wanted_ = false;
    }
  } else {
    this->link_failed_();
  }
}

void ReadingPlan::unasked_byte(uint8_t byte) {
  // A reply that comes too late is not silence: the search would blame a register for it.
  if (this->search_.is_active() && byte == kmp::START_OF_REPLY)
    this->link_failed_();
}

bool ReadingPlan::begin_search_(const kmp::Request &request) {
  if (this->searched_in_vain_)
    return false;
  this->search_.begin();
  for (uint8_t i = 0; i < request.register_count(); i++) {
    if (this->is_untried_(request.register_id(i)))
      this->search_.add(request.register_id(i));
  }
  return this->search_.is_active();
}

bool ReadingPlan::is_untried_(uint16_t id) const {
  for (const auto &slot : this->slots_) {
    if (!slot.is_due())
      continue;
    if ((slot.asked.id == id && slot.knowledge == Knowledge::UNTRIED) ||
        (slot.asked.companion_id == id && slot.companion == Knowledge::UNTRIED))
      return true;
  }
  return false;
}

void ReadingPlan::take_proof_() {
  this->phase_ = Phase::READING;
  const auto found = this->search_.proved_awake();
  if (!found.has_value())
    return;
  this->listener_->on_register_news(*found, RegisterNews::SILENCES);
  for (auto &slot : this->slots_) {
    if (slot.asked.id == *found) {
      this->missing_(&slot);
    } else if (slot.asked.companion_id == *found) {
      slot.companion = Knowledge::MISSING;
    }
  }
}

void ReadingPlan::link_failed_() {
  this->search_.stop();
  this->complete_ = false;
  // The other due registers would go unanswered too, and every request costs battery.
  bool is_first = true;
  const uint8_t first = this->first_;
  for (size_t i = 0; i < this->slots_.size(); i++) {
    const auto index = static_cast<uint8_t>((first + i) % this->slots_.size());
    auto &slot = this->slots_[index];
    if (!slot.is_due())
      continue;
    if (is_first)
      this->first_ = index;
    is_first = false;
    slot.turn = Turn::OVERDUE;
    // An entity that is rarely read must not have to wait for its next turn.
    slot.wanted = slot.wanted || slot.schedule == Schedule::IDENTITY || slot.schedule == Schedule::REQUEST;
    this->missed_(&slot);
    // A different meter may stop answering because of this register, and the search looks only at untried ones.
    if (slot.misses == ReadingSlot::MAX_MISSES)
      slot.forget(slot.stands_in);
  }
  if (this->health_->update_failed()) {
    for (auto &slot : this->slots_) {
      this->unknown_(&slot);
      slot.turn = Turn::OVERDUE;
      // Now, so that a search that finds the meter again has the right suspects.
      slot.forget(false);
    }
  }
  this->end_update_();
}

}  // namespace esphome::multical
