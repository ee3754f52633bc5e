// Runs conversations with a meter that sends anything at any time, a main loop that stops at times, and an owner that
// gives up at times. Fails when a conversation does not end in time, ends twice, or sends or tells what it must not.
//
// fuzz_conversation SEED STEPS

#include "fuzz_common.h"
#include "kmp_conversation.h"

using namespace esphome::multical::kmp;

namespace {

constexpr uint32_t LONGEST_REPLY = line_time_ms(2 * MAX_REPLY_SIZE) + 250;
constexpr uint32_t LONGEST_STEP = 6000;
constexpr uint32_t PAUSE_AFTER_FAILURE = 1600;

/// Looks at everything that a conversation does.
class Witness final : public ConversationHandler {
 public:
  void send(const uint8_t *data, size_t size) override {
    uint8_t frame[MAX_REQUEST_SIZE];
    if (Bytes(data, data + size) != Bytes(frame, frame + this->request.encode(frame)))
      fail("sent something else");
    if (!this->under_way)
      fail("sent after the end");
    this->sent++;
    this->sent_at = *this->now;
  }

  void on_attempt_failed(const Attempt &attempt) override {
    this->attempts_failed++;
    if (!this->under_way || this->attempts_failed != this->sent)
      fail("attempt not told once");
    if (attempt.kept_size() > Attempt::MAX_KEPT || attempt.echo_size() + attempt.zero_count() > attempt.received_size())
      fail("counts do not fit to each other");
    if (attempt.evidence() == Evidence::ANSWER)
      fail("failed with an answer");
    this->sum += static_cast<unsigned>(attempt.evidence());
    if (this->cancels)
      this->cancel();
  }

  void cancel() {
    this->conversation->cancel(*this->now);
    this->cancelled++;
    this->cancelled_at = *this->now;
    this->after_cancel = true;
    this->under_way = false;
  }

  void on_reply(const Request &request, const Reply &reply) override {
    this->replies++;
    if (this->attempts_failed != this->sent && this->attempts_failed + 1 != this->sent)
      fail("attempt not told");
    if (this->conversation->reply_delay() > *this->now - this->sent_at)
      fail("reply before its request");
    if (reply.command() != this->request.command())
      fail("reply to something else");
    switch (reply.command()) {
      case Command::GET_TYPE:
        this->sum += reply.meter_type().type;
        break;
      case Command::GET_SERIAL_NO:
        this->sum += reply.serial_no();
        break;
      case Command::GET_REGISTER:
        for (uint8_t i = 0; i < reply.register_count(); i++) {
          const RegisterValue value = reply.register_value(i);
          this->sum = std::accumulate(value.data, value.data + value.size, this->sum);
        }
        break;
    }
    this->end_(request);
  }

  void on_failure(const Request &request) override {
    this->failures++;
    if (this->sent != this->attempts || this->attempts_failed != this->attempts)
      fail("gave up too early or too late");
    this->end_(request);
  }

  Conversation *conversation{nullptr};
  Request request{Request::get_type()};
  const uint32_t *now{nullptr};
  uint32_t sent_at{0}, cancelled_at{0};
  size_t attempts{0}, sent{0}, attempts_failed{0}, replies{0}, failures{0}, cancelled{0};
  uint64_t sum{0};  // so that the compiler cannot leave the reading out
  bool under_way{false};
  bool cancels{false};  ///< as soon as an attempt has failed
  bool after_cancel{false};

 protected:
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
      if (random.one_in(300) && witness.under_way)
        witness.cancel();
    } else if (random.one_in(3)) {
      if (witness.after_cancel && now - witness.cancelled_at < PAUSE_AFTER_FAILURE)
        fail("no pause after giving up");
      witness.after_cancel = false;
      conversation.set_retries(static_cast<uint8_t>(random.below(4)));
      const bool by_retries = random.one_in(2);
      witness.attempts = by_retries ? conversation.retries() + 1u : 1 + random.below(3);
      conversation.set_response_timeout(static_cast<uint32_t>(1 + random.below(5000)));
      // A late bad reply makes the pause begin again, once; each end may be noticed one step late.
      const uint32_t attempt = line_time_ms(MAX_REQUEST_SIZE) + conversation.response_timeout() + LONGEST_REPLY +
                               2 * (PAUSE_AFTER_FAILURE + LONGEST_REPLY) + 3 * LONGEST_STEP;
      limit = static_cast<uint32_t>(witness.attempts) * attempt + LONGEST_STEP;
      if (random.one_in(4))
        now = UINT32_MAX - static_cast<uint32_t>(random.below(limit));  // wraps around soon; nobody minds while idle
      started = now;
      witness.request = random_request(random);
      witness.sent = witness.attempts_failed = 0;
      witness.cancels = random.one_in(5);
      mood = static_cast<Mood>(random.below(4));
      witness.under_way = true;
      requests++;
      const bool did_start = by_retries
                                 ? conversation.start(witness.request, now)
                                 : conversation.start(witness.request, now, static_cast<uint8_t>(witness.attempts));
      if (!did_start || witness.sent != 1 || !conversation.is_waiting())
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
      "steps: %zu\nrequests: %zu\nreplies: %zu\nfailures: %zu\ngiven up by the owner: %zu\nclock wrapped: %zu\n"
      "longest ms: %u\nsum: %llu\n",
      steps, requests, witness.replies, witness.failures, witness.cancelled, wraps, longest,
      static_cast<unsigned long long>(witness.sum));
  return 0;
}
