// The library as plain C functions, for Python's ctypes. library.py declares the same structures and functions.

#include <algorithm>
#include <cstring>
#include <optional>
#include <type_traits>
#include <vector>

#include "asker_turns.h"
#include "energy_total.h"
#include "found_register.h"
#include "info_codes.h"
#include "kmp_conversation.h"
#include "kmp_text.h"
#include "kmp_value.h"
#include "link_health.h"
#include "total_guard.h"

using namespace esphome::multical;
using namespace esphome::multical::kmp;

// Nobody can make a request with a command of his own choice.
static_assert(!std::is_constructible_v<Request, Command>);
static_assert(!std::is_default_constructible_v<Request>);

namespace {

constexpr size_t MAX_TRIED_REGISTERS = 16;  // more than fit into a request

struct CRequest {
  uint8_t command;
  uint8_t count;
  bool once;
  uint16_t ids[MAX_TRIED_REGISTERS];
};

struct CDecimal {
  uint64_t mantissa;
  int8_t exponent;
  bool negative;
};

struct CRatio {
  uint16_t numerator;
  uint16_t denominator;
  int8_t exponent;
};

struct CRegister {
  uint16_t id;
  uint8_t unit;
  uint8_t size;
  uint8_t sign_exponent;
  bool is_number;
  CDecimal number;
  uint8_t data[MAX_REPLY_SIZE];
};

struct CValue {
  uint16_t id;
  uint8_t unit;
  uint8_t size;
  uint8_t sign_exponent;
  uint8_t data[MAX_REPLY_SIZE];
};

struct CInfoCodes {
  uint64_t active;
  uint64_t tellable;
  bool has_unknown;
};

struct CReply {
  uint8_t command;
  uint8_t count;
  uint16_t type;
  uint8_t revision_letter;
  uint8_t revision_number;
  uint32_t serial_no;
  CRegister registers[MAX_REGISTERS];
};

struct CAttempt {
  uint8_t evidence;
  uint32_t received_size;
  uint32_t echo_size;
  uint32_t zero_count;
  uint32_t kept_size;
  uint8_t kept[Attempt::MAX_KEPT];
};

Request to_request(const CRequest &from) {
  const auto command = static_cast<Command>(from.command);
  Request request = command == Command::GET_TYPE        ? Request::get_type()
                    : command == Command::GET_SERIAL_NO ? Request::get_serial_no()
                                                        : Request::get_registers();
  for (uint8_t i = 0; i < from.count; i++)
    request.add_register(from.ids[i]);
  if (from.once)
    request.set_once();
  return request;
}

CRequest from_request(const Request &request) {
  CRequest to{};
  to.command = static_cast<uint8_t>(request.command());
  to.count = request.register_count();
  to.once = request.is_once();
  for (uint8_t i = 0; i < to.count; i++)
    to.ids[i] = request.register_id(i);
  return to;
}

CDecimal from_decimal(const Decimal &from) {
  return {.mantissa = from.mantissa, .exponent = from.exponent, .negative = from.negative};
}

CRegister from_value(const RegisterValue &value) {
  CRegister to{};
  to.id = value.id;
  to.unit = value.unit;
  to.size = static_cast<uint8_t>(value.data.size());
  to.sign_exponent = value.sign_exponent;
  std::copy(value.data.begin(), value.data.end(), to.data);
  const auto number = value.to_decimal();
  to.is_number = number.has_value();
  if (number)
    to.number = from_decimal(*number);
  return to;
}

/// The registers in the order in which they were asked for.
CReply from_reply(const Request &request, const Reply &reply) {
  CReply to{};
  to.command = static_cast<uint8_t>(reply.command());
  switch (reply.command()) {
    case Command::GET_TYPE:
      to.type = reply.meter_type().type;
      to.revision_letter = reply.meter_type().revision_letter;
      to.revision_number = reply.meter_type().revision_number;
      break;
    case Command::GET_SERIAL_NO:
      to.serial_no = reply.serial_no();
      break;
    case Command::GET_REGISTER:
      for (uint8_t i = 0; i < request.register_count(); i++) {
        if (const auto value = reply.find_register(request.register_id(i)))
          to.registers[to.count++] = from_value(*value);
      }
      break;
  }
  return to;
}

CAttempt from_attempt(const Attempt &attempt) {
  CAttempt to{};
  to.evidence = static_cast<uint8_t>(attempt.evidence());
  to.received_size = static_cast<uint32_t>(attempt.received_size());
  to.echo_size = static_cast<uint32_t>(attempt.echo_size());
  to.zero_count = static_cast<uint32_t>(attempt.zero_count());
  const auto kept = attempt.kept();
  to.kept_size = static_cast<uint32_t>(kept.size());
  std::copy(kept.begin(), kept.end(), to.kept);
  return to;
}

RegisterValue to_value(const CValue &from) {
  return {
      .id = from.id, .unit = from.unit, .sign_exponent = from.sign_exponent, .data = std::span(from.data, from.size)};
}

Decimal to_decimal(const CDecimal &from) {
  return {.mantissa = from.mantissa, .exponent = from.exponent, .negative = from.negative};
}

/// Begins an attempt with a request, and gives it what came back.
void make_attempt(Attempt &attempt, const Request &request, const uint8_t *received, size_t received_size) {
  attempt.begin(request);
  FrameReader reader;
  for (size_t i = 0; i < received_size; i++)
    attempt.receive(received[i], reader.feed(received[i]));
}

using SendCallback = void (*)(const uint8_t *data, size_t size);
using AnswerCallback = void (*)(const CRequest *request, const CReply *reply, const CAttempt *attempt, uint32_t delay);
using AttemptCallback = bool (*)(const CAttempt *attempt);
using FailureCallback = void (*)(const CRequest *request, const CAttempt *attempt);
using LateReplyCallback = void (*)(const CAttempt *attempt, uint32_t delay);

class CallbackHandler final : public ConversationHandler {
 public:
  CallbackHandler(SendCallback send, AnswerCallback on_answer, AttemptCallback on_attempt_failed,
                  FailureCallback on_failure, LateReplyCallback on_late_reply)
      : send_(send),
        on_answer_(on_answer),
        on_attempt_failed_(on_attempt_failed),
        on_failure_(on_failure),
        on_late_reply_(on_late_reply) {}

  void send(std::span<const uint8_t> frame) override { this->send_(frame.data(), frame.size()); }
  void on_answer(const Answer &answer) override {
    const CRequest request = from_request(answer.request);
    const CReply reply = from_reply(answer.request, answer.reply);
    const CAttempt attempt = from_attempt(answer.attempt);
    this->on_answer_(&request, &reply, &attempt, answer.delay);
  }
  bool on_attempt_failed(const Attempt &attempt) override {
    const CAttempt c_attempt = from_attempt(attempt);
    return this->on_attempt_failed_(&c_attempt);
  }
  void on_failure(const Request &request, const Attempt &attempt) override {
    const CRequest c_request = from_request(request);
    const CAttempt c_attempt = from_attempt(attempt);
    this->on_failure_(&c_request, &c_attempt);
  }
  void on_late_reply(const Attempt &attempt, uint32_t delay) override {
    const CAttempt c_attempt = from_attempt(attempt);
    this->on_late_reply_(&c_attempt, delay);
  }

 protected:
  SendCallback send_;
  AnswerCallback on_answer_;
  AttemptCallback on_attempt_failed_;
  FailureCallback on_failure_;
  LateReplyCallback on_late_reply_;
};

using NeedCallback = uint8_t (*)(uint8_t asker);
using NextCallback = bool (*)(uint8_t asker, uint64_t now);

class CallbackAsker final : public Asker {
 public:
  CallbackAsker(uint8_t index, NeedCallback need, NextCallback next) : index_(index), need_(need), next_(next) {}

  Need need() const override { return static_cast<Need>(this->need_(this->index_)); }
  std::optional<Request> next(uint64_t now) override {
    // The request says whose it is.
    Request request = Request::get_registers();
    request.add_register(this->index_);
    return this->next_(this->index_, now) ? std::optional(request) : std::nullopt;
  }
  void answered(const Answer & /*answer*/, uint64_t /*now*/) override {}
  void failed(const Request & /*request*/, Evidence /*evidence*/, uint64_t /*now*/) override {}

 protected:
  uint8_t index_;
  NeedCallback need_;
  NextCallback next_;
};

struct CAskerTurns {
  std::vector<CallbackAsker> askers;
  std::vector<Asker *> pointers;
  AskerTurns turns;
};

struct CConversation {
  CallbackHandler handler;
  Conversation conversation{&handler};
};

}  // namespace

extern "C" {

extern const size_t KMP_MAX_REQUEST_SIZE = MAX_REQUEST_SIZE;
extern const size_t KMP_MAX_REPLY_SIZE = MAX_REPLY_SIZE;
extern const size_t KMP_MAX_UNIT_NAME_SIZE = MAX_UNIT_NAME_SIZE;
extern const size_t KMP_MAX_REGISTER_NAME_SIZE = MAX_REGISTER_NAME_SIZE;
extern const size_t KMP_MAX_TEXT_SIZE = MAX_TEXT_SIZE;
extern const size_t KMP_MAX_INFO_TEXT_SIZE = MAX_INFO_TEXT_SIZE;
extern const size_t KMP_MAX_INFO_NUMBER_SIZE = MAX_INFO_NUMBER_SIZE;
extern const size_t KMP_MAX_KEPT = Attempt::MAX_KEPT;
extern const uint32_t KMP_LONGEST_GAP = Conversation::LONGEST_GAP;
extern const uint32_t KMP_LONGEST_REPLY = Conversation::LONGEST_REPLY;
extern const uint32_t KMP_MAX_RESPONSE_TIMEOUT = Conversation::MAX_RESPONSE_TIMEOUT;
extern const uint8_t KMP_WINDOW = LinkHealth::WINDOW;
extern const uint8_t KMP_MIN_PULSES = LinkHealth::MIN_PULSES;
extern const uint8_t KMP_MIN_LOW_SAMPLES = LinkHealth::MIN_LOW_SAMPLES;
extern const uint8_t KMP_FAILED_UPDATES_UNTIL_GONE = LinkHealth::FAILED_UPDATES_UNTIL_GONE;

uint16_t kmp_crc16(const uint8_t *data, size_t size) {
  uint16_t crc = 0;
  for (size_t i = 0; i < size; i++)
    crc = crc16_add(crc, data[i]);
  return crc;
}

uint32_t kmp_line_time_ms(size_t bytes) { return line_time_ms(bytes); }

/// Puts the registers of `asked` into a request. `taken` gets what add_register() said to each.
void kmp_add_registers(const CRequest *asked, bool *taken, CRequest *kept) {
  Request request = Request::get_registers();
  for (uint8_t i = 0; i < asked->count; i++)
    taken[i] = request.add_register(asked->ids[i]);
  *kept = from_request(request);
}

/// The same with each two of them, which go in together.
void kmp_add_register_pairs(const CRequest *asked, bool *taken, CRequest *kept) {
  Request request = Request::get_registers();
  for (uint8_t i = 0; i + 1 < asked->count; i += 2)
    *taken++ = request.add_registers(asked->ids[i], asked->ids[i + 1]);
  *kept = from_request(request);
}

size_t kmp_encode(const CRequest *request, uint8_t *out) {
  uint8_t frame[MAX_REQUEST_SIZE];
  const size_t size = to_request(*request).encode(frame);
  std::memcpy(out, frame, size);
  return size;
}

FrameReader *kmp_reader_new() { return new FrameReader(); }
void kmp_reader_delete(FrameReader *reader) { delete reader; }
uint8_t kmp_reader_feed(FrameReader *reader, uint8_t byte) { return static_cast<uint8_t>(reader->feed(byte)); }
void kmp_reader_reset(FrameReader *reader) { reader->reset(); }
bool kmp_reader_in_frame(const FrameReader *reader) { return reader->in_frame(); }

/// Copies address, command and payload of the frame that just ended.
size_t kmp_reader_frame(const FrameReader *reader, uint8_t *out) {
  out[0] = reader->address();
  out[1] = reader->command();
  const auto payload = reader->payload();
  std::copy(payload.begin(), payload.end(), out + 2);
  return 2 + payload.size();
}

bool kmp_parse(const FrameReader *reader, const CRequest *request, CReply *out) {
  const Request asked = to_request(*request);
  const auto reply = Reply::parse(*reader, asked);
  if (reply)
    *out = from_reply(asked, *reply);
  return reply.has_value();
}

float kmp_to_float(const CDecimal *value, const CRatio *ratio) {
  return to_float(to_decimal(*value), {ratio->numerator, ratio->denominator, ratio->exponent});
}

bool kmp_find_ratio(uint8_t from, uint8_t to, uint8_t plain, CRatio *out) {
  const auto ratio = find_ratio(from, to, plain);
  if (ratio)
    *out = {.numerator = ratio->numerator, .denominator = ratio->denominator, .exponent = ratio->exponent};
  return ratio.has_value();
}

/// Which entity a scan offers for a register.
uint8_t kmp_found_register(uint16_t id, uint8_t unit, bool is_number, bool *needs_unit, uint16_t *part_of, char *name) {
  const FoundRegister found(id);
  const YamlEntity entity = found.entity(unit, is_number);
  *needs_unit = entity.needs_unit;
  *part_of = found.part_of();
  char text[MAX_REGISTER_NAME_SIZE];
  std::memset(text, '#', sizeof(text));
  found.read_name(text);
  std::memcpy(name, text, sizeof(text));
  return static_cast<uint8_t>(entity.place);
}

void kmp_unit_name(uint8_t unit, char *out) {
  char name[MAX_UNIT_NAME_SIZE];
  std::memset(name, '#', sizeof(name));
  unit_name(unit, name);
  std::memcpy(out, name, sizeof(name));
}

void kmp_text(const CValue *value, char *out) {
  char text[MAX_TEXT_SIZE];
  std::memset(text, '#', sizeof(text));
  to_text(to_value(*value), text);
  std::memcpy(out, text, sizeof(text));
}

/// Joins a day and a time of day.
bool kmp_date_time_text(const CValue *day, const CValue *time, char *out) {
  const auto date = to_date_time(to_value(*day));
  const auto date_time = date ? to_date_time(to_value(*time), *date) : std::nullopt;
  if (!date_time)
    return false;
  char text[MAX_TEXT_SIZE];
  to_text(*date_time, text);
  std::memcpy(out, text, sizeof(text));
  return true;
}

void kmp_info(uint32_t value, uint8_t form, CInfoCodes *codes, char *names, char *number) {
  const InfoCodes result = to_info_codes(value, static_cast<InfoForm>(form));
  *codes = {.active = result.active, .tellable = result.tellable, .has_unknown = result.has_unknown};
  char text[MAX_INFO_TEXT_SIZE];
  std::memset(text, '#', sizeof(text));
  to_info_text(value, static_cast<InfoForm>(form), text);
  std::memcpy(names, text, sizeof(text));
  char digits[MAX_INFO_NUMBER_SIZE];
  std::memset(digits, '#', sizeof(digits));
  to_info_number(value, static_cast<InfoForm>(form), digits);
  std::memcpy(number, digits, sizeof(digits));
}

EnergyTotal *kmp_energy_total_new(bool was_fine) {
  auto *total = new EnergyTotal();
  total->restore(was_fine);
  return total;
}
void kmp_energy_total_delete(EnergyTotal *total) { delete total; }
bool kmp_energy_total_was_fine(const EnergyTotal *total) { return total->was_fine(); }
bool kmp_energy_total_disagrees(const EnergyTotal *total) { return total->disagrees(); }
bool kmp_energy_total_contradicts(const EnergyTotal *total) { return total->contradicts(); }
void kmp_energy_total_published(EnergyTotal *total) { total->published(); }
bool kmp_energy_total_take(EnergyTotal *total, const CValue *coarse, const CValue *fine, bool fine_is_gone,
                           CDecimal *out, uint8_t *unit) {
  const auto fine_value = fine != nullptr ? std::optional(to_value(*fine)) : std::nullopt;
  const auto result = total->take(to_value(*coarse), fine_value, fine_is_gone);
  if (!result)
    return false;
  *out = from_decimal(result->value);
  *unit = result->unit;
  return true;
}

/// @param kept what was kept before a restart; NAN: nothing
TotalGuard *kmp_total_guard_new(float kept) {
  auto *guard = new TotalGuard();
  if (!std::isnan(kept))
    guard->restore(kept);
  return guard;
}
void kmp_total_guard_delete(TotalGuard *guard) { delete guard; }
bool kmp_total_guard_take(TotalGuard *guard, float total, bool contradicted) {
  return guard->take(total, contradicted);
}
bool kmp_total_guard_must_keep(TotalGuard *guard) { return guard->must_keep(); }
float kmp_total_guard_last(const TotalGuard *guard) { return guard->last(); }
int32_t kmp_to_whole(float value) { return to_whole(value); }

/// What an attempt comes to that has asked and received this. Another one was made with the same object before.
/// @param request null: nothing was ever asked
void kmp_attempt(const CRequest *request, const uint8_t *received, size_t received_size, CAttempt *out) {
  Attempt attempt;
  if (request != nullptr) {
    Request before = Request::get_registers();
    for (uint16_t i = 0; i < MAX_REGISTERS; i++)
      before.add_register(static_cast<uint16_t>(0x5500 + i));
    for (const uint8_t byte : attempt.begin(before))
      attempt.receive(byte, ReadResult::BAD_CRC);
    attempt.receive(0x00, ReadResult::NOTHING);
    make_attempt(attempt, to_request(*request), received, received_size);
  } else {
    FrameReader reader;
    for (size_t i = 0; i < received_size; i++)
      attempt.receive(received[i], reader.feed(received[i]));
  }
  *out = from_attempt(attempt);
}

/// The frame that an attempt begins with.
size_t kmp_attempt_begin(const CRequest *request, uint8_t *out) {
  Attempt attempt;
  const auto frame = attempt.begin(to_request(*request));
  std::copy(frame.begin(), frame.end(), out);
  return frame.size();
}

LinkHealth *kmp_link_health_new() { return new LinkHealth(); }
void kmp_link_health_delete(LinkHealth *health) { delete health; }
uint8_t kmp_link_health_status(const LinkHealth *health) { return static_cast<uint8_t>(health->status()); }
bool kmp_link_health_is_connected(const LinkHealth *health) { return health->is_connected(); }
bool kmp_link_health_request_answered(LinkHealth *health) { return health->request_answered(); }
void kmp_link_health_attempt_failed(LinkHealth *health, const CRequest *request, const uint8_t *received,
                                    size_t received_size) {
  Attempt attempt;
  make_attempt(attempt, to_request(*request), received, received_size);
  health->attempt_failed(attempt);
}
bool kmp_link_health_update_failed(LinkHealth *health) { return health->update_failed(); }
void kmp_link_health_answered_late(LinkHealth *health) { health->answered_late(); }
void kmp_link_health_unasked_byte(LinkHealth *health, uint8_t byte) { health->unasked_byte(byte); }
void kmp_link_health_pulses_seen(LinkHealth *health, size_t count) { health->pulses_seen(count); }
void kmp_link_health_line_sampled(LinkHealth *health, bool high) { health->line_sampled(high); }
void kmp_link_health_port_checked(LinkHealth *health, bool usable) { health->port_checked(usable); }

LinkCounters *kmp_link_counters_new() { return new LinkCounters(); }
void kmp_link_counters_delete(LinkCounters *counters) { delete counters; }
void kmp_link_counters_request_sent(LinkCounters *counters, bool answered) { counters->request_sent(answered); }
void kmp_link_counters_reading_completed(LinkCounters *counters, uint64_t now) { counters->reading_completed(now); }
uint32_t kmp_link_counters_requests(const LinkCounters *counters) { return counters->requests(); }
uint32_t kmp_link_counters_failed_requests(const LinkCounters *counters) { return counters->failed_requests(); }
bool kmp_link_counters_last_reading_age(const LinkCounters *counters, uint64_t now, uint32_t *out) {
  const auto age = counters->last_reading_age(now);
  if (age)
    *out = *age;
  return age.has_value();
}

/// Askers that do what the callbacks say, each called with the asker's number.
CAskerTurns *kmp_asker_turns_new(uint8_t count, NeedCallback need, NextCallback next) {
  auto *self = new CAskerTurns();
  for (uint8_t i = 0; i < count; i++)
    self->askers.emplace_back(i, need, next);
  for (auto &asker : self->askers)
    self->pointers.push_back(&asker);
  self->turns.set_askers(self->pointers);
  return self;
}
void kmp_asker_turns_delete(CAskerTurns *self) { delete self; }
/// @param asker whose request it is
bool kmp_asker_turns_next(CAskerTurns *self, uint64_t now, uint8_t *asker) {
  const auto request = self->turns.next(now);
  if (request)
    *asker = static_cast<uint8_t>(request->register_id(0));
  return request.has_value();
}
uint8_t kmp_asker_turns_current(const CAskerTurns *self) {
  return static_cast<uint8_t>(std::find(self->pointers.begin(), self->pointers.end(), self->turns.current()) -
                              self->pointers.begin());
}
bool kmp_asker_turns_is_needed(const CAskerTurns *self) { return self->turns.is_needed(); }

CConversation *kmp_conversation_new(SendCallback send, AnswerCallback on_answer, AttemptCallback on_attempt_failed,
                                    FailureCallback on_failure, LateReplyCallback on_late_reply) {
  return new CConversation{.handler = CallbackHandler(send, on_answer, on_attempt_failed, on_failure, on_late_reply)};
}
void kmp_conversation_delete(CConversation *self) { delete self; }
void kmp_conversation_set_response_timeout(CConversation *self, uint32_t response_timeout) {
  self->conversation.set_response_timeout(response_timeout);
}
void kmp_conversation_set_retries(CConversation *self, uint8_t retries) { self->conversation.set_retries(retries); }
bool kmp_conversation_is_done(const CConversation *self) { return self->conversation.is_done(); }
bool kmp_conversation_is_idle(const CConversation *self) { return self->conversation.is_idle(); }
bool kmp_conversation_start(CConversation *self, const CRequest *request, uint32_t now) {
  return self->conversation.start(to_request(*request), now);
}
bool kmp_conversation_is_waiting(const CConversation *self) { return self->conversation.is_waiting(); }
void kmp_conversation_receive(CConversation *self, uint8_t byte, uint32_t now) {
  self->conversation.receive(byte, now);
}
void kmp_conversation_poll(CConversation *self, uint32_t now) { self->conversation.poll(now); }

}  // extern "C"
