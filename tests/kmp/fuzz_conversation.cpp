// Runs conversations with a meter that sends anything at any time, a main loop that stops at times, and an owner that
// does not want a repetition at times. Fails when a conversation does not end in time, ends twice, or sends or tells
// what it must not.
//
// fuzz_conversation SEED STEPS

#include <span>

#include "fuzz_common.h"
#include "kmp_conversation.h"

using namespace esphome::multical::kmp;

namespace {

/// The longest reply, all escaped, each byte as late as it may be.
constexpr uint32_t SLOWEST_REPLY = 2 * MAX_REPLY_SIZE * Conversation::LONGEST_GAP;
constexpr uint32_t LONGEST_STEP = 6000;
constexpr uint32_t PAUSE_AFTER_FAILURE = 1600;

/// Looks at everything that a conversation does.
class Witness final : public ConversationHandler {
 public:
  void send(std::span<const uint8_t> sent_frame) override {
    uint8_t frame[MAX_REQUEST_SIZE];
    if (Bytes(sent_frame.begin(), sent_frame.end()) != Bytes(frame, frame + this->request.encode(frame)))
      fail("sent something else");
    if (!this->under_way)
      fail("sent after the end");
    this->sent++;
    this->sent_at = *this->now;
    if (this->sent == 1)
      this->first_sent_at = *this->now;
  }

  bool on_attempt_failed(const Attempt &attempt) override {
    this->attempts_failed++;
    if (!this->under_way || this->given_up || this->attempts_failed != this->sent)
      fail("attempt not told once");
    check_(attempt);
    this->sum += static_cast<unsigned>(attempt.evidence());
    this->given_up = this->gives_up;
    return !this->given_up;
  }

  void on_answer(const Answer &answer) override {
    this->replies++;
    if (this->given_up || (this->attempts_failed != this->sent && this->attempts_failed + 1 != this->sent))
      fail("attempt not told");
    if (answer.delay > *this->now - this->sent_at)
      fail("reply before its request");
    if (answer.reply.command() != this->request.command())
      fail("reply to something else");
    if (answer.attempt.received_size() < 6)
      fail("reply without its bytes");
    check_(answer.attempt);
    const Reply &reply = answer.reply;
    switch (reply.command()) {
      case Command::GET_TYPE:
        this->sum += reply.meter_type().type;
        break;
      case Command::GET_SERIAL_NO:
        this->sum += reply.serial_no();
        break;
      case Command::GET_REGISTER:
        for (uint8_t i = 0; i < this->request.register_count(); i++) {
          if (const auto value = reply.find_register(this->request.register_id(i)))
            this->sum = std::accumulate(value->data.begin(), value->data.end(), this->sum);
        }
        break;
    }
    this->end_(answer.request);
  }

  void on_failure(const Request &request, const Attempt &attempt) override {
    (this->given_up ? this->not_repeated : this->failures)++;
    if (this->attempts_failed != this->sent || (!this->given_up && this->sent != this->attempts))
      fail("gave up too early or too late");
    check_(attempt);
    this->failed_at = *this->now;
    this->is_late = false;
    this->end_(request);
  }

  void on_late_reply(const Attempt &attempt, uint32_t delay) override {
    if (this->under_way || !this->failed_at || this->is_late || attempt.received_size() < 6)
      fail("not late");
    if (delay > *this->now - this->first_sent_at)
      fail("late before its request");
    this->is_late = true;
    this->late++;
  }

  Conversation *conversation{nullptr};
  Request request{Request::get_type()};
  const uint32_t *now{nullptr};
  uint32_t sent_at{0}, first_sent_at{0};
  std::optional<uint32_t> failed_at;  ///< of the last request, if it was not answered
  size_t attempts{0}, sent{0}, attempts_failed{0}, replies{0}, failures{0}, not_repeated{0}, late{0};
  uint64_t sum{0};  // so that the compiler cannot leave the reading out
  bool under_way{false};
  bool gives_up{false};  ///< the next attempt that fails is the last one
  bool given_up{false};
  bool is_late{false};  ///< the last failed request was answered after all

 protected:
  static void check_(const Attempt &attempt) {
    if (attempt.kept().size() != std::min(attempt.received_size(), Attempt::MAX_KEPT) ||
        attempt.echo_size() + attempt.zero_count() > attempt.received_size())
      fail("counts do not fit to each other");
    if (attempt.evidence() == Evidence::ANSWER || attempt.evidence() == Evidence::NO_PORT)
      fail("no evidence of what came");
  }

  void end_(const Request &request) {
    if (!this->under_way)
      fail("ended twice");
    if (request.command() != this->request.command() || request.register_count() != this->request.register_count())
      fail("ended something else");
    this->under_way = false;
    if (this->conversation->is_idle() || this->conversation->is_waiting())
      fail("ended without a pause");
  }
};

/// What comes from the line during one request.
enum class Mood : uint8_t { SILENT, NOISY, SLOW, LIVELY };

/// Part of what a meter, a bad line or a neighbour may send in one step.
Bytes anything(Random &random, const Request &request, Mood mood) {
  if (mood == Mood::SILENT || (mood == Mood::SLOW && !random.one_in(50)))
    return {};
  Bytes frame = make_frame(random_answer(random, request));
  switch (random.below(10)) {
    case 0:
    case 1:
      return random.bytes(1 + random.below(3));
    case 2:
      return Bytes(random.below(60), random.byte());
    case 3:
      frame[random.below(frame.size())] = random.byte();
      return frame;
    case 4:
      frame.resize(random.below(frame.size()));
      return frame;
    case 5:
      return make_frame(random.bytes(random.below(250)));
    case 6:
      return mood == Mood::NOISY ? Bytes{} : frame;
    default:
      return {};
  }
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 3)
    fail("usage: fuzz_conversation SEED STEPS");
  Random random(std::strtoull(argv[1], nullptr, 10));
  const size_t steps = std::strtoull(argv[2], nullptr, 10);

  Witness witness;
  Conversation conversation(&witness);
  witness.conversation = &conversation;
  auto now = static_cast<uint32_t>(random.below(UINT32_MAX));
  witness.now = &now;
  uint32_t started = now, limit = 0, longest = 0;
  size_t requests = 0, wraps = 0;
  Mood mood = Mood::LIVELY;

  for (size_t step = 0; step < steps; step++) {
    const uint32_t before = now;
    now += static_cast<uint32_t>(random.one_in(1000) ? random.below(LONGEST_STEP)
                                 : random.one_in(30) ? random.below(400)
                                                     : random.below(20));
    wraps += now < before ? 1 : 0;

    if (!conversation.is_idle()) {
      const size_t sent = witness.sent;
      if (random.one_in(50) && (conversation.start(Request::get_type(), now) || witness.sent != sent))
        fail("started while busy");
      if (random.one_in(300))
        witness.gives_up = true;
    } else if (random.one_in(3)) {
      if (witness.failed_at && now - *witness.failed_at < PAUSE_AFTER_FAILURE)
        fail("no pause after a failure");
      witness.failed_at.reset();
      conversation.set_retries(static_cast<uint8_t>(random.below(4)));
      witness.request = random_request(random);
      if (random.one_in(3))
        witness.request.set_once();
      witness.attempts = witness.request.is_once() ? 1 : conversation.retries() + 1u;
      conversation.set_response_timeout(static_cast<uint32_t>(1 + random.below(5000)));
      // A late bad reply makes the pause begin again, once; each end may be noticed one step late.
      const uint32_t attempt = line_time_ms(MAX_REQUEST_SIZE) + conversation.response_timeout() + SLOWEST_REPLY +
                               2 * (PAUSE_AFTER_FAILURE + SLOWEST_REPLY) + 3 * LONGEST_STEP;
      limit = static_cast<uint32_t>(witness.attempts) * attempt + LONGEST_STEP;
      if (random.one_in(4))
        now = UINT32_MAX - static_cast<uint32_t>(random.below(60'000));  // wraps around soon; nobody minds while idle
      started = now;
      witness.sent = witness.attempts_failed = 0;
      witness.gives_up = random.one_in(5);
      witness.given_up = false;
      mood = static_cast<Mood>(random.below(4));
      witness.under_way = true;
      requests++;
      if (!conversation.start(witness.request, now) || witness.sent != 1 || !conversation.is_waiting())
        fail("did not start");
    }

    for (const uint8_t byte : anything(random, witness.request, mood))
      conversation.receive(byte, now);
    conversation.poll(now);

    if (conversation.is_idle() && witness.under_way)
      fail("idle without an end");
    if (!conversation.is_idle() && now - started > limit)
      fail("hangs");
    if (!conversation.is_idle())
      longest = std::max(longest, now - started);
    if (witness.sent > witness.attempts)
      fail("too many attempts");
  }
  std::printf(
      "steps: %zu\nrequests: %zu\nreplies: %zu\nfailures: %zu\nnot repeated: %zu\nlate: %zu\nclock wrapped: %zu\n"
      "longest ms: %u\nsum: %llu\n",
      steps, requests, witness.replies, witness.failures, witness.not_repeated, witness.late, wraps, longest,
      static_cast<unsigned long long>(witness.sum));
  return 0;
}
