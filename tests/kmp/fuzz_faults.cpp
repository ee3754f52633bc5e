// Asks a meter over a line that spoils its answers, one kind of fault after another, and counts the results. Fails if a
// value is reported that the meter did not send, unless its frame passed every check, repeated here, by chance: a wrong
// frame has the right 16-bit CRC once in 65536 times, which nobody can detect. Built with sanitizers.
//
// fuzz_faults SEED COUNT
// COUNT: answers to spoil, of all kinds together
// Prints the counts of each kind of fault, and of all, as JSON.

#include <cmath>
#include <deque>
#include <span>

#include "fuzz_frames.h"
#include "kmp_conversation.h"
#include "kmp_text.h"
#include "kmp_value.h"

using namespace esphome::multical::kmp;

namespace {

enum class Fault : uint8_t {
  BYTE_LOST,
  BYTE_ADDED,
  BITS_FLIPPED,
  BYTES_CHANGED,
  FRAME_CUT,
  NOISE_BEFORE,
  NOISE_BETWEEN,
  TWO_REPLIES,
  OTHER_REGISTER,
  OTHER_ADDRESS,
  LATE,
  SILENT,
  ECHO,
  ECHO_ONLY,
  BAD_CRC,
  MIXED,
};
constexpr const char *NAMES[] = {
    "byte lost",      "byte added",  "bits flipped",   "bytes changed", "frame cut",      "noise before",
    "noise between",  "two replies", "other register", "other address", "late up to 3 s", "silent",
    "echo and reply", "echo only",   "bad CRC",        "mixed",
};
constexpr size_t FAULTS = std::size(NAMES);
static_assert(FAULTS == static_cast<size_t>(Fault::MIXED) + 1);

constexpr int64_t BYTE_TIME = 11'000'000 / 1200;  // all times are microseconds, except those of the library
constexpr int64_t MS = 1000;
constexpr int64_t LONGEST_EXCHANGE = 120'000 * MS;

/// Bytes without gaps.
struct Burst {
  int64_t begin;  ///< of the first byte; counts from the end of our request until it is put on the line
  Bytes bytes;
  size_t received{0};

  /// When the next byte is complete.
  int64_t next() const { return this->begin + static_cast<int64_t>(this->received + 1) * BYTE_TIME; }
};

/// The results of the requests with one kind of fault.
struct Tally {
  size_t frames{0};  ///< attempts whose answer was spoiled
  // how the requests ended
  size_t at_once{0}, repeated{0}, failed{0};
  // reported values that the meter did not send for this request; the first two must be 0
  size_t wrong{0};      ///< from no frame, or from a frame that answers something else
  size_t unchecked{0};  ///< from a frame that should not have passed the checks
  size_t by_chance{0};  ///< from a frame that passed every check by chance
  size_t older{0};      ///< the meter's answer to an earlier request for the same: frames have no number
  // what the library made of the frames
  size_t bad_crc{0};    ///< the right shape and a wrong CRC
  size_t crc_right{0};  ///< never sent, but with a right CRC: about one for every 65536 others
  size_t evidence[5]{};

  void add(const Tally &other) {
    for (const auto count : {&Tally::frames, &Tally::at_once, &Tally::repeated, &Tally::failed, &Tally::wrong,
                             &Tally::unchecked, &Tally::by_chance, &Tally::older, &Tally::bad_crc, &Tally::crc_right})
      this->*count += other.*count;
    for (size_t i = 0; i < std::size(this->evidence); i++)
      this->evidence[i] += other.evidence[i];
  }
};

template<typename Container> bool is_among(const Bytes &content, const Container &contents) {
  return std::find(contents.begin(), contents.end(), content) != contents.end();
}

Bytes without_zeros(Bytes bytes) {
  while (!bytes.empty() && bytes.back() == 0x00)
    bytes.pop_back();
  return bytes;
}

/// The content of a frame as the library reports it.
/// @param blocks the registers in the frame, which give the order; anything else that is reported follows
Bytes content_of(const Request &request, const Reply &reply, const std::vector<Block> &blocks) {
  Bytes content = {0x3F, static_cast<uint8_t>(reply.command())};
  const auto add = [&content](uint32_t value, int bytes) {
    while (bytes-- > 0)
      content.push_back(static_cast<uint8_t>(value >> (8 * bytes)));
  };
  switch (reply.command()) {
    case Command::GET_TYPE:
      add(reply.meter_type().type, 2);
      add(reply.meter_type().revision_letter, 1);
      add(reply.meter_type().revision_number, 1);
      break;
    case Command::GET_SERIAL_NO:
      add(reply.serial_no(), 4);
      break;
    case Command::GET_REGISTER: {
      std::vector<uint16_t> ids;
      for (const Block &block : blocks)
        ids.push_back(block.id);
      for (uint8_t i = 0; i < request.register_count(); i++) {
        if (std::find(ids.begin(), ids.end(), request.register_id(i)) == ids.end())
          ids.push_back(request.register_id(i));
      }
      for (const uint16_t id : ids) {
        const auto value = reply.find_register(id);
        if (!value)
          continue;
        add(value->id, 2);
        add(value->unit, 1);
        add(static_cast<uint32_t>(value->data.size()), 1);
        add(value->sign_exponent, 1);
        content.insert(content.end(), value->data.begin(), value->data.end());
      }
      break;
    }
  }
  return content;
}

/// The meter, the line with its faults, and the owner of the conversation.
class World final : public ConversationHandler {
 public:
  World(Random *random, Fault fault) : random_(*random), fault_(fault) {
    // The conversation's clock wraps around soon.
    this->now_ = (int64_t{UINT32_MAX} - static_cast<int64_t>(this->random_.below(600'000))) * MS;
  }

  const Tally &run(size_t frames) {
    while (this->tally_.frames < frames)
      this->exchange_();
    return this->tally_;
  }

  void send(std::span<const uint8_t> frame) override {
    this->sent_++;
    this->in_frame_ = false;
    const Bytes request(frame.begin(), frame.end());
    const int64_t end = this->now_ + static_cast<int64_t>(frame.size()) * BYTE_TIME;
    // Most meters take 20 to 100 ms; 1.6 s are allowed.
    const auto delay = static_cast<int64_t>(20 + this->random_.below(this->random_.one_in(4) ? 1580 : 80)) * MS;
    std::vector<Burst> bursts = {{delay, make_frame(this->answer_)}};
    // The first attempt is always spoiled; every second one of the next ones, so that some of them help.
    if (this->sent_ == 1 || this->random_.one_in(2)) {
      this->tally_.frames++;
      if (this->fault_ == Fault::MIXED) {
        for (size_t faults = 1 + this->random_.below(3); faults > 0; faults--)
          this->spoil_(static_cast<Fault>(this->random_.below(FAULTS - 1)), request, bursts);
      } else {
        this->spoil_(this->fault_, request, bursts);
      }
    }
    for (Burst &burst : bursts) {
      burst.begin += end;
      if (!burst.bytes.empty())
        this->coming_.push_back(burst);
    }
  }

  bool on_attempt_failed(const Attempt &attempt) override {
    this->attempts_failed_++;
    this->tally_.evidence[static_cast<size_t>(attempt.evidence())]++;
    return true;
  }

  void on_answer(const Answer &answer) override {
    this->end_();
    (this->sent_ == 1 ? this->tally_.at_once : this->tally_.repeated)++;
    const auto &content = this->checked_;
    const auto blocks = content ? check_answer(*content, answer.request) : std::nullopt;
    if (!blocks) {
      this->tally_.unchecked++;
      this->print_("unchecked");
      return;
    }
    for (const Block &block : *blocks)
      show_(answer.reply.find_register(block.id));
    const Bytes told = content_of(answer.request, answer.reply, *blocks);
    if (told != *content || is_among(told, this->decoys_)) {
      this->tally_.wrong++;
      this->print_("wrong");
    } else if (is_among(told, this->earlier_)) {
      this->tally_.older += told != this->answer_;
    } else if (told != this->answer_) {
      this->tally_.by_chance++;
    }
  }

  void on_late_reply(const Attempt & /*attempt*/, uint32_t /*delay*/) override {
    if (this->under_way_)
      fail("late before the end");
  }

  void on_failure(const Request & /*request*/, const Attempt & /*attempt*/) override {
    this->end_();
    this->tally_.failed++;
    if (this->sent_ != this->conversation_.retries() + 1u || this->attempts_failed_ != this->sent_)
      fail("gave up too early or too late");
  }

 protected:
  void end_() {
    if (!this->under_way_)
      fail("ended twice");
    this->under_way_ = false;
  }

  /// Computes what entities show, under the sanitizers.
  static void show_(const std::optional<RegisterValue> &value) {
    if (!value)
      return;
    char text[MAX_TEXT_SIZE];
    to_text(*value, text);
    const auto number = value->to_decimal();
    const auto ratio = find_ratio(value->unit, value->unit);
    if (number && ratio && std::isnan(to_float(*number, *ratio)))
      fail("not a number");
  }

  /// For debugging; the first few are enough.
  void print_(const char *what) const {
    if (this->tally_.wrong + this->tally_.unchecked > 3)
      return;
    std::fprintf(stderr, "%s, %s, told from a frame with this between start and stop: ",
                 NAMES[static_cast<size_t>(this->fault_)], what);
    for (const uint8_t byte : this->frame_)
      std::fprintf(stderr, "%02X", byte);
    std::fprintf(stderr, "\n");
  }

  uint32_t clock_() const { return static_cast<uint32_t>(this->now_ / MS); }

  void exchange_() {
    // Often the same request again, as in a house: then an old answer fits, too.
    if (!this->random_.one_in(3))
      this->request_ = random_request(this->random_);
    this->earlier_.push_back(this->answer_);
    this->earlier_.insert(this->earlier_.end(), this->decoys_.begin(), this->decoys_.end());
    while (this->earlier_.size() > 8)
      this->earlier_.pop_front();
    this->answer_ = random_answer(this->random_, this->request_);
    this->decoys_.clear();
    this->sent_ = this->attempts_failed_ = 0;
    this->under_way_ = true;
    const int64_t begin = this->now_;
    if (!this->conversation_.start(this->request_, this->clock_()))
      fail("did not start");
    while (!this->conversation_.is_idle()) {
      this->pass_();
      if (this->now_ - begin > LONGEST_EXCHANGE)
        fail("hangs");
    }
    if (this->under_way_)
      fail("idle without an end");
    // The next one at once, or after a while in which anything may still come.
    if (this->random_.one_in(2)) {
      for (size_t passes = this->random_.below(50); passes > 0; passes--)
        this->pass_();
    }
  }

  /// One pass of the main loop, which is sometimes busy elsewhere.
  void pass_() {
    const size_t most = this->random_.one_in(500) ? 3000 : this->coming_.empty() ? 250 : 50;
    this->now_ += static_cast<int64_t>(1 + this->random_.below(most)) * MS;
    while (const auto byte = this->next_byte_()) {
      this->note_(*byte);
      this->conversation_.receive(*byte, this->clock_());
    }
    this->conversation_.poll(this->clock_());
  }

  /// The next byte that has come by now.
  std::optional<uint8_t> next_byte_() {
    const auto burst = std::min_element(this->coming_.begin(), this->coming_.end(),
                                        [](const Burst &a, const Burst &b) { return a.next() < b.next(); });
    if (burst == this->coming_.end() || burst->next() > this->now_)
      return std::nullopt;
    const uint8_t byte = burst->bytes[burst->received++];
    if (burst->received == burst->bytes.size())
      this->coming_.erase(burst);
    return byte;
  }

  /// Keeps what is between a start and a stop byte, independently of the library.
  void note_(uint8_t byte) {
    if (byte == 0x40) {
      this->frame_.clear();
      this->in_frame_ = true;
    } else if (byte != 0x0D) {
      if (this->in_frame_)
        this->frame_.push_back(byte);
    } else if (this->in_frame_) {
      this->in_frame_ = false;
      this->checked_ = check_frame(this->frame_);
      if (this->under_way_)
        this->count_frame_();
    }
  }

  /// Tells whether it was sent like this, or with more or fewer zeros after the CRC, which does not detect that.
  bool was_sent_(const Bytes &content) const {
    if (content == this->answer_ || is_among(content, this->decoys_) || is_among(content, this->earlier_))
      return true;
    const Bytes frame = without_zeros(add_crc(content));
    const auto is_same = [&frame](const Bytes &sent) { return without_zeros(add_crc(sent)) == frame; };
    return is_same(this->answer_) || std::any_of(this->decoys_.begin(), this->decoys_.end(), is_same) ||
           std::any_of(this->earlier_.begin(), this->earlier_.end(), is_same);
  }

  void count_frame_() {
    if (this->checked_) {
      if (!this->was_sent_(*this->checked_) && !has_right_part(add_crc(*this->checked_)))
        this->tally_.crc_right++;
    } else if (const auto content = unescape(this->frame_)) {
      if (content->size() >= 4 && content->size() <= MAX_REPLY_SIZE)
        this->tally_.bad_crc++;
    }
  }

  /// Adds one fault to what comes; the first burst is the meter's answer.
  void spoil_(Fault fault, const Bytes &request, std::vector<Burst> &bursts) {
    Random &random = this->random_;
    Bytes &frame = bursts[0].bytes;
    const int64_t begin = bursts[0].begin;
    const int64_t duration = static_cast<int64_t>(frame.size()) * BYTE_TIME;
    const int64_t request_time = static_cast<int64_t>(request.size()) * BYTE_TIME;
    const auto any = [&](size_t more = 0) {
      return frame.begin() + static_cast<ptrdiff_t>(random.below(frame.size() + more));
    };
    switch (fault) {
      case Fault::NOISE_BEFORE: {
        const Bytes noise = random.bytes(1 + random.below(20));
        const auto gap = static_cast<int64_t>(random.below(1000)) * MS;
        bursts.push_back({begin - gap - static_cast<int64_t>(noise.size()) * BYTE_TIME, noise});
        return;
      }
      case Fault::TWO_REPLIES: {
        const auto gap = static_cast<int64_t>(random.one_in(2) ? 0 : random.below(1000)) * MS;
        const Bytes again = frame;
        bursts.push_back({begin + duration + gap, again});
        return;
      }
      case Fault::LATE:
        bursts[0].begin = static_cast<int64_t>(1600 + random.below(1400)) * MS;
        return;
      case Fault::ECHO:
        bursts.push_back({-request_time, request});
        return;
      case Fault::ECHO_ONLY:
        frame.clear();
        bursts.push_back({-request_time, request});
        return;
      case Fault::SILENT:
        frame.clear();
        return;
      case Fault::OTHER_REGISTER:
        this->decoys_.push_back(this->other_register_());
        frame = make_frame(this->decoys_.back());
        return;
      case Fault::OTHER_ADDRESS: {
        Bytes other = this->answer_;
        while (other[0] == 0x3F)
          other[0] = random.one_in(2) ? random.byte() : random.one_in(2) ? 0x7F : 0xBF;
        this->decoys_.push_back(other);
        frame = make_frame(other);
        return;
      }
      case Fault::BAD_CRC:
        frame = make_frame(this->answer_, static_cast<uint16_t>(1 + random.below(0xFFFF)));
        return;
      default:
        break;
    }
    if (frame.empty())
      return;  // lost already, by one of the mixed faults
    switch (fault) {
      case Fault::BYTE_LOST:
        frame.erase(any());
        break;
      case Fault::BYTE_ADDED:
        frame.insert(any(1), random.byte());
        break;
      case Fault::BITS_FLIPPED:
        for (size_t flips = random.one_in(2) ? 1 : 2 + random.below(3); flips > 0; flips--) {
          auto byte = any();
          *byte = static_cast<uint8_t>(*byte ^ 1 << random.below(8));
        }
        break;
      case Fault::BYTES_CHANGED: {  // in a row; the frame often keeps its shape
        auto byte = any();
        for (size_t changes = 2 + random.below(6); changes > 0 && byte != frame.end(); changes--)
          *byte++ = static_cast<uint8_t>(random.below(256));
        break;
      }
      case Fault::FRAME_CUT:
        if (random.one_in(3)) {
          frame.erase(frame.begin(), any() + 1);
        } else {
          frame.erase(any(), frame.end());
        }
        break;
      case Fault::NOISE_BETWEEN: {
        const Bytes noise = random.bytes(2 + random.below(10));
        frame.insert(any(1), noise.begin(), noise.end());
        break;
      }
      default:
        fail("no such fault");
    }
  }

  /// A valid frame that answers something else.
  Bytes other_register_() {
    Bytes content = this->answer_;
    if (this->request_.command() != Command::GET_REGISTER) {
      content[1] = content[1] == 0x01 ? 0x02 : 0x01;
      return content;
    }
    uint16_t id = 0;
    do {
      id = static_cast<uint16_t>(this->random_.byte() << 8 | this->random_.byte());
    } while (this->request_.asks_for(id));
    const Bytes other = {static_cast<uint8_t>(id >> 8), static_cast<uint8_t>(id)};
    if (content.size() > 2 && this->random_.one_in(2)) {
      std::copy(other.begin(), other.end(), content.begin() + 2);  // instead of the first one
    } else {
      content.insert(content.end(), other.begin(), other.end());  // after the right ones
      content.insert(content.end(), {0x02, 0x01, 0x00, this->random_.byte()});
    }
    return content;
  }

  Random &random_;
  Fault fault_;
  Tally tally_;
  Conversation conversation_{this};
  int64_t now_{0};
  std::vector<Burst> coming_;
  Request request_{random_request(random_)};
  Bytes answer_;                  ///< the meter's answer to the request
  std::deque<Bytes> earlier_;     ///< valid frames that were sent for the last requests
  std::vector<Bytes> decoys_;     ///< valid frames that do not answer the request
  Bytes frame_;                   ///< what follows the last start byte, up to the stop byte
  std::optional<Bytes> checked_;  ///< its content, if it passes every check that needs no request
  size_t sent_{0}, attempts_failed_{0};
  bool in_frame_{false};
  bool under_way_{false};
};

void print_json(const char *name, const Tally &t) {
  const std::pair<const char *, size_t> counts[] = {
      {"frames", t.frames},       {"at once", t.at_once},      {"repeated", t.repeated},   {"failed", t.failed},
      {"wrong", t.wrong},         {"unchecked", t.unchecked},  {"by chance", t.by_chance}, {"older", t.older},
      {"bad CRC", t.bad_crc},     {"CRC right", t.crc_right},  {"nothing", t.evidence[1]}, {"echo", t.evidence[2]},
      {"garbled", t.evidence[3]}, {"checksum", t.evidence[4]},
  };
  std::printf("  \"%s\": {", name);
  for (const auto &[key, count] : counts)
    std::printf("%s\"%s\": %zu", key == counts[0].first ? "" : ", ", key, count);
  std::printf("}");
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 3)
    fail("usage: fuzz_faults SEED COUNT");
  Random random(std::strtoull(argv[1], nullptr, 10));
  const size_t count = std::strtoull(argv[2], nullptr, 10);

  Tally tallies[FAULTS], all;
  for (size_t i = 0; i < FAULTS; i++) {
    tallies[i] = World(&random, static_cast<Fault>(i)).run((count + FAULTS - 1) / FAULTS);
    all.add(tallies[i]);
  }

  std::printf("{\n");
  for (size_t i = 0; i < FAULTS; i++) {
    print_json(NAMES[i], tallies[i]);
    std::printf(",\n");
  }
  print_json("all", all);
  std::printf("\n}\n");
  return all.wrong + all.unchecked == 0 ? 0 : 1;
}
