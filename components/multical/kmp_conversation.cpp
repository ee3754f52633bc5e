#include "kmp_conversation.h"

namespace esphome::multical::kmp {

namespace {

constexpr uint32_t PAUSE_AFTER_REPLY = line_time_ms(1);
constexpr uint32_t PAUSE_AFTER_FAILURE = 1600;
/// A reply whose next byte takes longer than this has been cut off. A byte takes 9.2 ms; the rest is for drivers and
/// USB adapters that hand over bytes in blocks, and for a main loop that was busy elsewhere.
constexpr uint32_t LONGEST_GAP = 250;
/// How long something may keep coming after the latest time for a reply to begin: one longest reply, all escaped.
constexpr uint32_t LONGEST_REPLY = line_time_ms(2 * MAX_REPLY_SIZE) + LONGEST_GAP;

bool reached(uint32_t now, uint32_t when) { return static_cast<int32_t>(now - when) >= 0; }

}  // namespace

bool Conversation::start(const Request &request, uint32_t now, uint8_t attempts) {
  if (this->state_ != State::IDLE)
    return false;
  this->request_ = request;
  this->attempts_left_ = attempts;
  this->send_(now);
  return true;
}

void Conversation::cancel(uint32_t now) {
  if (this->state_ == State::IDLE)
    return;
  this->deadline_ = now + PAUSE_AFTER_FAILURE;
  this->state_ = State::RESTING;
}

void Conversation::receive(uint8_t byte, uint32_t now) {
  if (this->state_ != State::WAITING && this->state_ != State::REPEATING)
    return;
  if (reached(now, this->busy_until_))
    this->busy_until_ = now;
  const ReadResult result = this->reader_.feed(byte);
  this->attempt_.receive(byte, result);
  if (byte == START_OF_REPLY)
    this->reply_delay_ = reached(now, this->sent_at_) ? now - this->sent_at_ : 0;
  if (result == ReadResult::NOTHING)
    return;
  Reply reply;
  if (result != ReadResult::FRAME || !reply.parse(this->reader_, this->request_)) {
    // A late reply that is no good starts the pause again, once: noise must not hold it up for ever.
    if (this->state_ == State::REPEATING && !this->bad_reply_)
      this->deadline_ = now + PAUSE_AFTER_FAILURE;
    this->bad_reply_ = true;
    return;
  }
  this->deadline_ = now + PAUSE_AFTER_REPLY;
  this->state_ = State::RESTING;
  this->handler_->on_reply(this->request_, reply);
}

void Conversation::poll(uint32_t now) {
  const bool time_is_up = reached(now, this->deadline_);
  // Something that never stops coming must not hold up everything.
  const bool may_interrupt = reached(now, this->deadline_ + LONGEST_REPLY);
  switch (this->state_) {
    case State::IDLE:
      break;
    case State::WAITING:
      if (time_is_up) {
        if (!this->reader_.in_frame() || this->line_is_quiet_(now) || may_interrupt)
          this->attempt_failed_(now);
      } else if (this->bad_reply_ && this->line_is_quiet_(now)) {
        this->attempt_failed_(now);
      }
      break;
    case State::REPEATING:
      if (time_is_up && (this->line_is_quiet_(now) || may_interrupt))
        this->send_(now);
      break;
    case State::RESTING:
      if (time_is_up)
        this->state_ = State::IDLE;
      break;
  }
}

bool Conversation::line_is_quiet_(uint32_t now) const { return reached(now, this->busy_until_ + LONGEST_GAP); }

void Conversation::send_(uint32_t now) {
  auto &frame = this->attempt_.begin();
  const size_t size = this->request_.encode(frame);
  this->attempt_.set_sent_size(size);
  this->attempts_left_--;
  this->reader_.reset();
  this->bad_reply_ = false;
  this->sent_at_ = now + line_time_ms(size);
  this->busy_until_ = this->sent_at_;
  this->deadline_ = this->sent_at_ + this->response_timeout_;
  this->state_ = State::WAITING;
  this->handler_->send(frame, size);
}

void Conversation::attempt_failed_(uint32_t now) {
  this->deadline_ = now + PAUSE_AFTER_FAILURE;
  this->bad_reply_ = false;
  this->handler_->on_attempt_failed(this->attempt_);
  if (this->state_ != State::WAITING)
    return;  // cancelled by the handler
  if (this->attempts_left_ > 0) {
    this->state_ = State::REPEATING;
    return;
  }
  this->state_ = State::RESTING;
  this->handler_->on_failure(this->request_);
}

}  // namespace esphome::multical::kmp
