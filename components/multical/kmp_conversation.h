#pragma once

#include <span>

#include "kmp_frame.h"

namespace esphome::multical::kmp {

/// What came back when a request was sent once.
enum class Evidence : uint8_t {
  ANSWER,    ///< A reply that passed every check.
  NOTHING,   ///< No bytes, or only a few 0x00.
  ECHO,      ///< The request itself and nothing else.
  GARBLED,   ///< Bytes, but no frame; or a frame that answers something else.
  CHECKSUM,  ///< A frame of the right shape with a wrong CRC.
  LATE,      ///< A reply that passed every check, but came after the timeout.
  NO_PORT,   ///< There is no port: nothing was sent, or the port disappeared.
};

/// Whether the meter has sent nothing.
inline constexpr bool is_silence(Evidence evidence) {
  return evidence == Evidence::NOTHING || evidence == Evidence::ECHO;
}

/// Keeps what was sent and what came back, until the next attempt.
class Attempt {
 public:
  /// Bytes kept for display; any more are only counted. Enough for the longest echo and a few more.
  static constexpr size_t MAX_KEPT = MAX_REQUEST_SIZE + 4;

  /// Starts over with the frame of this request.
  /// @return the frame, valid until the next begin()
  std::span<const uint8_t> begin(const Request &request);

  /// Takes a byte from the line and the reader's result for it.
  void receive(uint8_t byte, ReadResult result);

  /// What the bytes amount to, if there was no answer among them.
  Evidence evidence() const;

  /// Bytes received in all.
  size_t received_size() const { return this->received_size_; }
  /// The first of them.
  std::span<const uint8_t> kept() const {
    return {this->kept_, this->received_size_ < MAX_KEPT ? this->received_size_ : MAX_KEPT};
  }
  /// How many of the received bytes are our own request, in order.
  size_t echo_size() const { return this->echo_size_; }
  /// How many are 0x00 and not part of the echo: what a short low pulse looks like to a UART.
  size_t zero_count() const { return this->zero_count_; }

 protected:
  uint8_t sent_[MAX_REQUEST_SIZE];
  uint8_t kept_[MAX_KEPT];
  uint16_t received_size_{0};
  uint16_t zero_count_{0};
  uint8_t sent_size_{0};
  uint8_t echo_size_{0};
  bool bad_checksum_{false};
};

/// A request that was answered. Valid only while it is being handled.
struct Answer {
  const Request &request;
  const Reply &reply;
  /// What came back, including the reply.
  const Attempt &attempt;
  /// Milliseconds from the last byte of the request to the first byte of its reply, measured by the owner's calls: it
  /// includes any time that the main loop was busy with something else.
  uint32_t delay;
};

/// What a conversation needs from its owner, and what it reports to it.
class ConversationHandler {
 public:
  /// Send this frame, all at once: the meter allows 27 ms between two bytes (doc, 2.1).
  virtual void send(std::span<const uint8_t> frame) = 0;
  /// The meter answered.
  virtual void on_answer(const Answer &answer) = 0;
  /// A request was sent once and not answered.
  /// @return whether it may be repeated; if not, the request has failed
  virtual bool on_attempt_failed(const Attempt &attempt) = 0;
  /// A request was not answered.
  /// @param attempt the last one
  virtual void on_failure(const Request &request, const Attempt &attempt) = 0;
  /// The reply to a request that was not answered has come after all. Called once for each failure, and only while a
  /// longer response timeout could have helped.
  /// @param attempt the last one, and what came since
  /// @param delay as in Answer, but from the first attempt, because nobody knows which attempt was answered
  virtual void on_late_reply(const Attempt &attempt, uint32_t delay) = 0;

 protected:
  ~ConversationHandler() = default;
};

/// Asks one request at a time and waits for its reply without blocking.
///
/// The owner calls receive() for every byte that has come, then poll(). All times are milliseconds of one clock that
/// may wrap around. The rules (doc, 2.1, written for 601 and 801; no other meter's times are documented): the answer
/// starts within 1.6 s of the last request byte; at least one byte time passes between an answer and the next request,
/// and at least 1.6 s after a failure, because the meter discards a request that is sent sooner.
///
/// A reply that has begun is read to its end, however long that takes, as long as no gap in it is longer than
/// LONGEST_GAP. Anything else that comes in delays the next step by LONGEST_REPLY at most.
class Conversation {
 public:
  /// The longest response timeout that can be configured, in milliseconds; keep in step with __init__.py.
  static constexpr uint32_t MAX_RESPONSE_TIMEOUT = 10000;
  /// A reply whose next byte takes longer than this many milliseconds has been cut off. A byte takes 9.2 ms; the rest
  /// allows for drivers and adapters that deliver bytes in blocks, for a busy main loop, and for a network in between,
  /// which may have to resend a packet.
  static constexpr uint32_t LONGEST_GAP = 500;
  /// How long something that is not a reply may keep coming after the latest time for a reply to begin: the time of the
  /// longest reply at the speed of the line, with every byte escaped.
  static constexpr uint32_t LONGEST_REPLY = line_time_ms(2 * MAX_REPLY_SIZE) + LONGEST_GAP;

  explicit Conversation(ConversationHandler *handler) : handler_(handler) {}

  /// Sets the longest time from the last request byte to the first reply byte.
  void set_response_timeout(uint32_t response_timeout) { this->response_timeout_ = response_timeout; }
  /// Sets how often a request is repeated after its first attempt failed.
  void set_retries(uint8_t retries) { this->retries_ = retries; }

  uint32_t response_timeout() const { return this->response_timeout_; }
  uint8_t retries() const { return this->retries_; }

  /// True when a request may be started: none is under way, and the pause after the last one is over.
  bool is_idle() const { return this->state_ == State::IDLE; }
  /// True when it is idle and expects nothing more from the line: receive() and poll() need not be called.
  bool is_done() const { return this->is_idle() && !this->may_be_late_; }

  /// Sends a request, and repeats it when it is not answered, unless it is to be sent only once.
  /// @return false, and does nothing, unless is_idle().
  bool start(const Request &request, uint32_t now);

  /// True while the reply to a request is due or coming in: what comes at other times was not requested.
  bool is_waiting() const {
    return this->state_ == State::WAITING || (this->state_ == State::REPEATING && this->reader_.in_frame());
  }

  /// Takes one byte from the line.
  void receive(uint8_t byte, uint32_t now);

  /// Handles timeouts, and repeats a request when its pause is over.
  void poll(uint32_t now);

 protected:
  enum class State : uint8_t {
    IDLE,
    WAITING,    ///< A request is on its way or its reply is.
    REPEATING,  ///< An attempt failed; pause before the next one. A late reply is still accepted.
    RESTING,    ///< Pause before another request.
  };

  void send_(uint32_t now);
  void attempt_failed_(uint32_t now);
  void rest_(uint32_t now, uint32_t pause);
  bool line_is_quiet_(uint32_t now) const;

  ConversationHandler *handler_;
  FrameReader reader_;
  Attempt attempt_;
  Request request_{Request::get_type()};
  uint32_t response_timeout_{2000};
  uint32_t deadline_{0};       ///< WAITING: a reply must have begun. REPEATING, RESTING: end of the pause.
  uint32_t sent_at_{0};        ///< end of our request on the line
  uint32_t first_sent_at_{0};  ///< the same of the first attempt
  uint32_t reply_delay_{0};    ///< of the latest frame that has begun
  uint32_t busy_until_{0};     ///< the last time that our request or something from the meter was on the line
  uint8_t retries_{2};
  uint8_t attempts_left_{0};
  State state_{State::IDLE};
  bool bad_reply_{false};    ///< a reply came that failed a check
  bool may_be_late_{false};  ///< the request has failed, and its reply may still come
};

}  // namespace esphome::multical::kmp
