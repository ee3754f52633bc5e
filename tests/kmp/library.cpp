// The library as plain C functions, for Python's ctypes. library.py declares the same structures and functions.

#include <cstring>
#include <type_traits>

#include "kmp_conversation.h"
#include "kmp_crc.h"
#include "kmp_diagnosis.h"
#include "kmp_fine_total.h"
#include "kmp_info_text.h"
#include "kmp_text.h"
#include "kmp_units.h"

using namespace esphome::multical::kmp;

// Nobody can make a request with a command of his own choice.
static_assert(!std::is_constructible_v<Request, Command>);
static_assert(!std::is_default_constructible_v<Request>);

namespace {

constexpr size_t MAX_TRIED_REGISTERS = 16;  // more than fit into a request

struct CRequest {
  uint8_t command;
  uint8_t count;
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
  switch (static_cast<Command>(from.command)) {
    case Command::GET_TYPE:
      return Request::get_type();
    case Command::GET_SERIAL_NO:
      return Request::get_serial_no();
    case Command::GET_REGISTER:
      break;
  }
  Request request = Request::get_registers();
  for (uint8_t i = 0; i < from.count; i++)
    request.add_register(from.ids[i]);
  return request;
}

CRequest from_request(const Request &request) {
  CRequest to{};
  to.command = static_cast<uint8_t>(request.command());
  to.count = request.register_count();
  for (uint8_t i = 0; i < to.count; i++)
    to.ids[i] = request.register_id(i);
  return to;
}

CReply from_reply(const Reply &reply) {
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
      to.count = reply.register_count();
      for (uint8_t i = 0; i < to.count; i++) {
        const RegisterValue value = reply.register_value(i);
        CRegister &reg = to.registers[i];
        reg.id = value.id;
        reg.unit = value.unit;
        reg.size = value.size;
        reg.sign_exponent = value.sign_exponent;
        std::memcpy(reg.data, value.data, value.size);
        Decimal number;
        reg.is_number = value.to_decimal(&number);
        reg.number = {number.mantissa, number.exponent, number.negative};
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
  to.kept_size = static_cast<uint32_t>(attempt.kept_size());
  std::memcpy(to.kept, attempt.kept(), attempt.kept_size());
  return to;
}

RegisterValue to_value(const CValue &from) {
  return {.id = from.id, .unit = from.unit, .size = from.size, .sign_exponent = from.sign_exponent, .data = from.data};
}

Decimal to_decimal(const CDecimal &from) {
  return {.mantissa = from.mantissa, .exponent = from.exponent, .negative = from.negative};
}

using SendCallback = void (*)(const uint8_t *data, size_t size);
using ReplyCallback = void (*)(const CRequest *request, const CReply *reply);
using AttemptCallback = void (*)(const CAttempt *attempt);
using FailureCallback = void (*)(const CRequest *request);

class CallbackHandler final : public ConversationHandler {
 public:
  CallbackHandler(SendCallback send, ReplyCallback on_reply, AttemptCallback on_attempt_failed,
                  FailureCallback on_failure)
      : send_(send), on_reply_(on_reply), on_attempt_failed_(on_attempt_failed), on_failure_(on_failure) {}

  void send(const uint8_t *data, size_t size) override { this->send_(data, size); }
  void on_reply(const Request &request, const Reply &reply) override {
    const CRequest c_request = from_request(request);
    const CReply c_reply = from_reply(reply);
    this->on_reply_(&c_request, &c_reply);
  }
  void on_attempt_failed(const Attempt &attempt) override {
    const CAttempt c_attempt = from_attempt(attempt);
    this->on_attempt_failed_(&c_attempt);
  }
  void on_failure(const Request &request) override {
    const CRequest c_request = from_request(request);
    this->on_failure_(&c_request);
  }

 protected:
  SendCallback send_;
  ReplyCallback on_reply_;
  AttemptCallback on_attempt_failed_;
  FailureCallback on_failure_;
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
extern const size_t KMP_MAX_TEXT_SIZE = MAX_TEXT_SIZE;
extern const size_t KMP_MAX_INFO_TEXT_SIZE = MAX_INFO_TEXT_SIZE;
extern const size_t KMP_MAX_INFO_NUMBER_SIZE = MAX_INFO_NUMBER_SIZE;
extern const size_t KMP_MAX_KEPT = Attempt::MAX_KEPT;
extern const uint8_t KMP_WINDOW = Diagnosis::WINDOW;
extern const uint8_t KMP_MIN_PULSES = Diagnosis::MIN_PULSES;
extern const uint8_t KMP_MIN_LOW_SAMPLES = Diagnosis::MIN_LOW_SAMPLES;

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
  std::memcpy(out + 2, reader->payload(), reader->payload_size());
  return 2 + reader->payload_size();
}

bool kmp_parse(const FrameReader *reader, const CRequest *request, CReply *out) {
  Reply reply;
  if (!reply.parse(*reader, to_request(*request)))
    return false;
  *out = from_reply(reply);
  return true;
}

float kmp_to_float(const CDecimal *value, const CRatio *ratio) {
  return to_float(to_decimal(*value), {ratio->numerator, ratio->denominator, ratio->exponent});
}

bool kmp_find_ratio(uint8_t from, uint8_t to, CRatio *out) {
  Ratio ratio;
  if (!find_ratio(from, to, &ratio))
    return false;
  *out = {ratio.numerator, ratio.denominator, ratio.exponent};
  return true;
}

bool kmp_convert(const CDecimal *value, uint8_t from, uint8_t to, float *result) {
  return convert(to_decimal(*value), from, to, result);
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
  DateTime date_time;
  if (!to_date_time(to_value(*day), &date_time) || !to_date_time(to_value(*time), &date_time))
    return false;
  char text[MAX_TEXT_SIZE];
  to_text(date_time, text);
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

FineTotal *kmp_fine_total_new(bool was_fine) {
  auto *total = new FineTotal();
  total->restore(was_fine);
  return total;
}
void kmp_fine_total_delete(FineTotal *total) { delete total; }
bool kmp_fine_total_was_fine(const FineTotal *total) { return total->was_fine(); }
bool kmp_fine_total_disagrees(const FineTotal *total) { return total->disagrees(); }
void kmp_fine_total_published(FineTotal *total) { total->published(); }
uint8_t kmp_fine_total_take(FineTotal *total, const CValue *coarse, const CValue *fine, bool is_gone, CDecimal *out,
                            uint8_t *unit) {
  Decimal value;
  RegisterValue fine_value{};
  if (fine != nullptr)
    fine_value = to_value(*fine);
  const auto result = total->take(to_value(*coarse), fine != nullptr ? &fine_value : nullptr, is_gone, &value, unit);
  *out = {.mantissa = value.mantissa, .exponent = value.exponent, .negative = value.negative};
  return static_cast<uint8_t>(result);
}

/// What an attempt comes to that has sent and received this. Another one was made with the same object before.
void kmp_attempt(const uint8_t *sent, size_t sent_size, const uint8_t *received, size_t received_size, CAttempt *out) {
  Attempt attempt;
  std::memset(attempt.begin(), 0x55, MAX_REQUEST_SIZE);
  attempt.set_sent_size(MAX_REQUEST_SIZE);
  for (size_t i = 0; i < MAX_REQUEST_SIZE; i++)
    attempt.receive(0x55, ReadResult::BAD_CRC);
  attempt.receive(0x00, ReadResult::NOTHING);

  std::memcpy(attempt.begin(), sent, sent_size);
  attempt.set_sent_size(sent_size);
  FrameReader reader;
  for (size_t i = 0; i < received_size; i++)
    attempt.receive(received[i], reader.feed(received[i]));
  *out = from_attempt(attempt);
}

Diagnosis *kmp_diagnosis_new() { return new Diagnosis(); }
void kmp_diagnosis_delete(Diagnosis *diagnosis) { delete diagnosis; }
uint8_t kmp_diagnosis_status(const Diagnosis *diagnosis) { return static_cast<uint8_t>(diagnosis->status()); }
void kmp_diagnosis_attempt_ended(Diagnosis *diagnosis, uint8_t evidence) {
  diagnosis->attempt_ended(static_cast<Evidence>(evidence));
}
void kmp_diagnosis_request_ended(Diagnosis *diagnosis, bool answered, bool connected) {
  diagnosis->request_ended(answered, connected);
}
void kmp_diagnosis_pulses_seen(Diagnosis *diagnosis, uint8_t count) { diagnosis->pulses_seen(count); }
void kmp_diagnosis_line_sampled(Diagnosis *diagnosis, bool high) { diagnosis->line_sampled(high); }
void kmp_diagnosis_port_checked(Diagnosis *diagnosis, bool usable) { diagnosis->port_checked(usable); }

CConversation *kmp_conversation_new(SendCallback send, ReplyCallback on_reply, AttemptCallback on_attempt_failed,
                                    FailureCallback on_failure) {
  return new CConversation{.handler = CallbackHandler(send, on_reply, on_attempt_failed, on_failure)};
}
void kmp_conversation_delete(CConversation *self) { delete self; }
void kmp_conversation_set_response_timeout(CConversation *self, uint32_t response_timeout) {
  self->conversation.set_response_timeout(response_timeout);
}
void kmp_conversation_set_retries(CConversation *self, uint8_t retries) { self->conversation.set_retries(retries); }
bool kmp_conversation_is_idle(const CConversation *self) { return self->conversation.is_idle(); }
bool kmp_conversation_start(CConversation *self, const CRequest *request, uint32_t now) {
  return self->conversation.start(to_request(*request), now);
}
bool kmp_conversation_start_attempts(CConversation *self, const CRequest *request, uint32_t now, uint8_t attempts) {
  return self->conversation.start(to_request(*request), now, attempts);
}
void kmp_conversation_cancel(CConversation *self, uint32_t now) { self->conversation.cancel(now); }
bool kmp_conversation_is_waiting(const CConversation *self) { return self->conversation.is_waiting(); }
void kmp_conversation_attempt(const CConversation *self, CAttempt *out) {
  *out = from_attempt(self->conversation.attempt());
}
uint32_t kmp_conversation_reply_delay(const CConversation *self) { return self->conversation.reply_delay(); }
void kmp_conversation_receive(CConversation *self, uint8_t byte, uint32_t now) {
  self->conversation.receive(byte, now);
}
void kmp_conversation_poll(CConversation *self, uint32_t now) { self->conversation.poll(now); }

}  // extern "C"
