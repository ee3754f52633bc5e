#include "kmp_conversation.h"

namespace esphome::multical::kmp {

std::span<const uint8_t> Attempt::begin(const Request &request) {
  this->sent_size_ = static_cast<uint8_t>(request.encode(this->sent_));
  this->received_size_ = 0;
  this->zero_count_ = 0;
  this->echo_size_ = 0;
  this->bad_checksum_ = false;
  return {this->sent_, this->sent_size_};
}

void Attempt::receive(uint8_t byte, ReadResult result) {
  if (result == ReadResult::BAD_CRC)
    this->bad_checksum_ = true;
  if (this->received_size_ == UINT16_MAX)
    return;  // all counts stop together, so that they stay consistent
  if (this->received_size_ < MAX_KEPT)
    this->kept_[this->received_size_] = byte;
  this->received_size_++;
  if (this->echo_size_ < this->sent_size_ && byte == this->sent_[this->echo_size_]) {
    this->echo_size_++;
  } else if (byte == 0x00) {
    this->zero_count_++;
  }
}

Evidence Attempt::evidence() const {
  if (this->bad_checksum_)
    return Evidence::CHECKSUM;
  const bool whole_echo = this->echo_size_ == this->sent_size_ && this->sent_size_ > 0;
  const size_t explained = this->zero_count_ + (whole_echo ? this->echo_size_ : 0);
  if (explained < this->received_size_)
    return Evidence::GARBLED;
  return whole_echo ? Evidence::ECHO : Evidence::NOTHING;
}

namespace {

constexpr uint32_t PAUSE_AFTER_REPLY = line_time_ms(1);
constexpr uint32_t PAUSE_AFTER_FAILURE = 1600;

bool reached(uint32_t now, uint32_t when) { return static_cast<int32_t>(now - when) >= 0; }

}  // namespace

bool Conversation::start(const Request &request, uint32_t now) {
  if (this->state_ != State::IDLE)
    return false;
  this->request_ = request;
  this->attempts_left_ = request.is_once() ? 1 : static_cast<uint8_t>(this->retries_ + 1);
  this->send_(now);
  this->first_sent_at_ = this->sent_at_;
  return true;
}

void Conversation::rest_(uint32_t now, uint32_t pause) {
  this->deadline_ = now + pause;
  this->state_ = State::RESTING;
}

void Conversation::receive(uint8_t byte, uint32_t now) {
  const bool has_failed = this->state_ != State::WAITING && this->state_ != State::REPEATING;
  if (has_failed && !this->may_be_late_)
    return;
  if (reached(now, this->busy_until_))
    this->busy_until_ = now;
  const ReadResult result = this->reader_.feed(byte);
  this->attempt_.receive(byte, result);
  if (byte == START_OF_REPLY)
    this->reply_delay_ = reached(now, this->sent_at_) ? now - this->sent_at_ : 0;
  if (result == ReadResult::NOTHING)
    return;
  const auto reply = result == ReadResult::FRAME ? Reply::parse(this->reader_, this->request_) : std::nullopt;
  if (has_failed) {
    if (reply.has_value()) {
      this->may_be_late_ = false;
      this->handler_->on_late_reply(this->attempt_, this->sent_at_ - this->first_sent_at_ + this->reply_delay_);
    }
    return;
  }
  if (!reply.has_value()) {
    // A bad late reply restarts the pause, but only once: noise must not delay it forever.
    if (this->state_ == State::REPEATING && !this->bad_reply_)
      this->deadline_ = now + PAUSE_AFTER_FAILURE;
    this->bad_reply_ = true;
    return;
  }
  this->rest_(now, PAUSE_AFTER_REPLY);
  this->handler_->on_answer(
      {.request = this->request_, .reply = *reply, .attempt = this->attempt_, .delay = this->reply_delay_});
}

void Conversation::poll(uint32_t now) {
  const bool time_is_up = reached(now, this->deadline_);
  // Bytes that never stop must not hold up everything. A reply may: it has an end.
  const bool may_interrupt =
      reached(now, this->deadline_ + LONGEST_REPLY) && !this->reader_.in_reply_to(this->request_.command());
  switch (this->state_) {
    case State::IDLE:
      if (reached(now, this->sent_at_ + MAX_RESPONSE_TIMEOUT))
        this->may_be_late_ = false;
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
  const auto frame = this->attempt_.begin(this->request_);
  this->attempts_left_--;
  this->reader_.reset();
  this->bad_reply_ = false;
  this->may_be_late_ = false;
  this->sent_at_ = now + line_time_ms(frame.size());
  this->busy_until_ = this->sent_at_;
  this->deadline_ = this->sent_at_ + this->response_timeout_;
  this->state_ = State::WAITING;
  this->handler_->send(frame);
}

void Conversation::attempt_failed_(uint32_t now) {
  this->rest_(now, PAUSE_AFTER_FAILURE);
  this->bad_reply_ = false;
  if (this->handler_->on_attempt_failed(this->attempt_) && this->attempts_left_ > 0) {
    this->state_ = State::REPEATING;
  } else {
    this->may_be_late_ = true;
    this->handler_->on_failure(this->request_, this->attempt_);
  }
}

}  // namespace esphome::multical::kmp
