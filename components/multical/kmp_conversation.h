#pragma once

#include "kmp_attempt.h"
#include "kmp_protocol.h"
#include "kmp_reader.h"
#include "kmp_reply.h"
#include "kmp_request.h"

namespace esphome::multical::kmp {

/// What a conversation needs from the world around it, and tells it.
class ConversationHandler {
 public:
  /// Put these bytes onto the line, all of them at once: the meter allows 27 ms between two bytes (doc, 2.1).
  virtual void send(const uint8_t *data, size_t size) = 0;
  /// The meter answered. The reply is valid during the call only.
  virtual void on_reply(const Request &request, const Reply &reply) = 0;
  /// A request was sent once and not answered; it may be repeated.
  virtual void on_attempt_failed(const Attempt &attempt) = 0;
  /// Every attempt of this request failed.
  virtual void on_failure(const Request &request) = 0;

 protected:
  ~ConversationHandler() = default;
};

/// Asks one request at a time and waits for its reply without blocking.
///
/// The owner calls receive() for every byte that has come, then poll(). All times are milliseconds of one clock that
/// may wrap around. The rules (doc, 2.1, written for 601 and 801; no other meter's times are documented): the answer
/// starts within 1.6 s of the last request byte; between an answer and the next request at least one byte time; after
/// a failure at least 1.6 s, because a request sent earlier is discarded by the meter.
class Conversation {
 public:
  explicit Conversation(ConversationHandler *handler) : handler_(handler) {}

  /// Longest time from the last request byte to the first reply byte.
  void set_response_timeout(uint32_t response_timeout) { this->response_timeout_ = response_timeout; }
  /// How often a request is repeated after its first attempt failed.
  void set_retries(uint8_t retries) { this->retries_ = retries; }

  uint32_t response_timeout() const { return this->response_timeout_; }
  uint8_t retries() const { return this->retries_; }

  /// True when a request may be started: none is under way, and the pause after the last one is over.
  bool is_idle() const { return this->state_ == State::IDLE; }

  /// Sends a request, and repeats it when it is not answered.
  /// @return false, and does nothing, unless is_idle().
  bool start(const Request &request, uint32_t now) {
    return this->start(request, now, static_cast<uint8_t>(this->retries_ + 1));
  }
  /// The same with another number of attempts, at least 1.
  bool start(const Request &request, uint32_t now, uint8_t attempts);

  /// Gives up what is under way, without telling the handler.
  void cancel(uint32_t now);

  /// True while the reply to a request is due or coming in: what comes at other times was not asked for.
  bool is_waiting() const {
    return this->state_ == State::WAITING || (this->state_ == State::REPEATING && this->reader_.in_frame());
  }

  /// What the last attempt brought.
  const Attempt &attempt() const { return this->attempt_; }
  /// Milliseconds from the last byte of the request to the first byte of its reply, as far as the owner's calls can
  /// tell. Valid from on_reply() until the next start().
  uint32_t reply_delay() const { return this->reply_delay_; }

  /// Takes one byte from the line.
  void receive(uint8_t byte, uint32_t now);

  /// Notices what did not come, and repeats a request when its pause is over.
  void poll(uint32_t now);

 protected:
  enum class State : uint8_t {
    IDLE,
    WAITING,    ///< A request is on its way or its reply is.
    REPEATING,  ///< An attempt failed; pause before the next one. A reply that comes late is still taken.
    RESTING,    ///< Pause before another request.
  };

  void send_(uint32_t now);
  void attempt_failed_(uint32_t now);
  bool line_is_quiet_(uint32_t now) const;

  ConversationHandler *handler_;
  FrameReader reader_;
  Attempt attempt_;
  Request request_{Request::get_type()};
  uint32_t response_timeout_{2000};
  uint32_t deadline_{0};  ///< WAITING: a reply must have begun. REPEATING, RESTING: end of the pause.
  uint32_t sent_at_{0};   ///< end of our request on the line
  uint32_t reply_delay_{0};
  uint32_t busy_until_{0};  ///< latest moment at which our request or something from the meter was on the line
  uint8_t retries_{2};
  uint8_t attempts_left_{0};
  State state_{State::IDLE};
  bool bad_reply_{false};  ///< a reply came that failed a check
};

}  // namespace esphome::multical::kmp
