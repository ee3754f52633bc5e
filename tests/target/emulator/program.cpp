// Lets the protocol library work through all samples and a conversation, and writes down every result. The same
// program runs on a PC and on the emulated processors; what they write must be equal to the last character.

#include <cstring>
#include <initializer_list>

#include "kmp_conversation.h"
#include "kmp_crc.h"
#include "kmp_diagnosis.h"
#include "kmp_fine_total.h"
#include "kmp_info_text.h"
#include "kmp_text.h"
#include "kmp_units.h"
#include "machine.h"
#include "samples.h"

using namespace esphome::multical::kmp;

namespace {

/// Writes one line, word by word.
class Line {
 public:
  ~Line() { write_out("\n", 1); }

  Line &text(const char *text) {
    write_out(text, std::strlen(text));
    write_out(" ", 1);
    return *this;
  }
  Line &hex(uint32_t number, int digits = 8) {
    char text[9];
    for (int i = digits; i-- > 0; number >>= 4)
      text[i] = "0123456789ABCDEF"[number & 0xF];
    write_out(text, static_cast<size_t>(digits));
    write_out(" ", 1);
    return *this;
  }
  Line &bytes(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
      const char pair[] = {"0123456789ABCDEF"[data[i] >> 4], "0123456789ABCDEF"[data[i] & 0xF]};
      write_out(pair, sizeof(pair));
    }
    write_out(" ", 1);
    return *this;
  }
  Line &real(float number) {
    uint32_t bits;
    static_assert(sizeof(bits) == sizeof(number));
    std::memcpy(&bits, &number, sizeof(bits));
    return this->hex(bits);
  }
};

Request make_request(const Sample &sample) {
  switch (sample.command) {
    case static_cast<uint8_t>(Command::GET_TYPE):
      return Request::get_type();
    case static_cast<uint8_t>(Command::GET_SERIAL_NO):
      return Request::get_serial_no();
    default:
      break;
  }
  Request request = Request::get_registers();
  for (uint8_t i = 0; i < sample.id_count; i++)
    request.add_register(sample.ids[i]);
  return request;
}

void show_value(const RegisterValue &value) {
  Line line;
  line.text("value").hex(value.id, 4).hex(value.unit, 2).bytes(value.data, value.size);
  char text[MAX_TEXT_SIZE];
  to_text(value, text);
  line.text(text);
  Decimal decimal;
  if (!value.to_decimal(&decimal))
    return;
  for (int unit = 0; unit < 128; unit++) {
    float result;
    if (convert(decimal, value.unit, static_cast<uint8_t>(unit), &result))
      line.hex(static_cast<uint32_t>(unit), 2).real(result);
  }
}

void show_reply(const Reply &reply) {
  switch (reply.command()) {
    case Command::GET_TYPE:
      Line().text("type").hex(reply.meter_type().type, 4).hex(reply.meter_type().revision_letter, 2);
      break;
    case Command::GET_SERIAL_NO:
      Line().text("serial").hex(reply.serial_no());
      break;
    case Command::GET_REGISTER:
      for (uint8_t i = 0; i < reply.register_count(); i++)
        show_value(reply.register_value(i));
      break;
  }
}

void run_samples() {
  for (const Sample &sample : SAMPLES) {
    const Request request = make_request(sample);
    uint8_t frame[MAX_REQUEST_SIZE];
    Line().text("request").bytes(frame, request.encode(frame));
    FrameReader reader;
    for (size_t i = 0; i < sample.reply_size; i++) {
      const ReadResult result = reader.feed(sample.reply[i]);
      if (result == ReadResult::NOTHING)
        continue;
      Line().text("result").hex(static_cast<uint32_t>(result), 2);
      Reply reply;
      if (result == ReadResult::FRAME && reply.parse(reader, request))
        show_reply(reply);
    }
  }
}

void run_numbers() {
  // Long divisions in all sizes, and the edges of a float.
  uint32_t seed = 1;
  for (int i = 0; i < 200; i++) {
    seed = seed * 1664525 + 1013904223;
    const uint64_t high = i % 4 == 0 ? static_cast<uint64_t>(seed) << 32 : 0;
    const Decimal decimal{
        .mantissa = high | (seed >> (i % 31)), .exponent = static_cast<int8_t>(i % 127 - 63), .negative = i % 5 == 0};
    const Ratio ratio{.numerator = static_cast<uint16_t>(1 + seed % 60000),
                      .denominator = static_cast<uint16_t>(1 + (seed >> 16) % 60000),
                      .exponent = static_cast<int8_t>(i % 33 - 16)};
    Line().text("float").real(to_float(decimal, ratio));
  }
  for (int form = 0; form < 3; form++) {
    for (uint32_t value : {0u, 2u, 12u, 0x102u, 10200090u, 0xFFFFFFFFu}) {
      char text[MAX_INFO_TEXT_SIZE];
      to_info_text(value, static_cast<InfoForm>(form), text);
      Line().text("info").text(text);
    }
  }
}

void run_fine_total() {
  FineTotal total;
  for (uint32_t watt_hours = 9999000; watt_hours < 10002000; watt_hours += 250) {
    const uint8_t coarse_data[] = {0, 0, static_cast<uint8_t>(watt_hours / 1000 >> 8),
                                   static_cast<uint8_t>(watt_hours / 1000)};
    const uint32_t end = watt_hours % 10000000;
    const uint8_t fine_data[] = {static_cast<uint8_t>(end >> 24), static_cast<uint8_t>(end >> 16),
                                 static_cast<uint8_t>(end >> 8), static_cast<uint8_t>(end)};
    const RegisterValue coarse{.id = 60, .unit = 2, .size = 4, .sign_exponent = 0, .data = coarse_data};
    const RegisterValue fine{.id = 266, .unit = 1, .size = 4, .sign_exponent = 0, .data = fine_data};
    Decimal value;
    uint8_t unit = 0;
    const auto result = total.take(coarse, watt_hours % 1000 == 750 ? nullptr : &fine, false, &value, &unit);
    Line line;
    line.text("total").hex(static_cast<uint32_t>(result), 2);
    if (result == FineTotal::Result::HOLD)
      continue;
    total.published();
    float kilowatt_hours = 0;
    convert(value, unit, 2, &kilowatt_hours);
    line.hex(unit, 2).real(kilowatt_hours);
  }
}

/// Writes down what a conversation does.
class Recorder final : public ConversationHandler {
 public:
  explicit Recorder(bool is_silent) : is_silent_(is_silent) {}

  void send(const uint8_t *data, size_t size) override {
    if (!this->is_silent_)
      Line().text("send").bytes(data, size);
  }
  void on_reply(const Request &request, const Reply &reply) override {
    this->replies++;
    if (!this->is_silent_) {
      show_reply(reply);
      return;
    }
    // What a device does with a reading: a float of each value.
    for (uint8_t i = 0; i < reply.register_count(); i++) {
      RegisterValue value;
      Decimal decimal;
      if (!reply.find_register(request.register_id(i), &value) || !value.to_decimal(&decimal))
        continue;
      convert(decimal, value.unit, value.unit, &this->values[i]);
    }
  }
  void on_attempt_failed(const Attempt &attempt) override {
    if (!this->is_silent_)
      Line()
          .text("failed")
          .hex(static_cast<uint32_t>(attempt.evidence()), 2)
          .bytes(attempt.kept(), attempt.kept_size());
  }
  void on_failure(const Request &request) override {
    if (!this->is_silent_)
      Line().text("gave-up").hex(static_cast<uint32_t>(request.command()), 2);
  }

  float values[MAX_REGISTERS]{};
  int replies{0};

 protected:
  bool is_silent_;
};

/// The line brings these bytes at these times; the owner looks every 7 ms.
void run_script() {
  Recorder recorder(false);
  Conversation conversation(&recorder);
  Diagnosis diagnosis;
  uint32_t now = 0xFFFFF000;  // the clock wraps on the way
  size_t next = 0;
  for (const Sample &sample : SAMPLES) {
    while (!conversation.is_idle())
      conversation.poll(now += 7);
    conversation.start(make_request(sample), now, 2);
    const uint32_t begin = now;
    next = 0;
    while (!conversation.is_idle() && now - begin < 60000) {
      // Every third meter is late, so that its request is repeated.
      const uint32_t delay = sample.reply_size % 3 == 0 ? 3000 : 300;
      while (next < sample.reply_size && now - begin > delay + 9 * next)
        conversation.receive(sample.reply[next++], now);
      conversation.poll(now);
      now += 7;
    }
    diagnosis.attempt_ended(conversation.attempt().evidence());
    diagnosis.request_ended(recorder.replies % 2 == 0, true);
    Line().text("status").hex(static_cast<uint32_t>(diagnosis.status()), 2).hex(now - begin);
  }
}

/// One reading of seven values, from the request to the floats.
void measure() {
  static Recorder recorder(true);
  static Conversation conversation(&recorder);
  paint_stack();
  const uint32_t before = instructions();
  uint32_t now = 1000;
  conversation.start(make_request(READING), now, 1);
  for (size_t i = 0; i < READING.reply_size; i++)
    conversation.receive(READING.reply[i], now += 9);
  conversation.poll(now);
  const uint32_t after = instructions();
  const uint32_t stack = painted_stack_used();
  figures("instructions", after - before);
  figures("stack", stack);
  figures("conversation", sizeof(Conversation));
  Line line;
  line.text("reading").hex(static_cast<uint32_t>(recorder.replies));
  for (const float value : recorder.values)
    line.real(value);
}

}  // namespace

int main() {
  run_samples();
  run_numbers();
  run_fine_total();
  run_script();
  measure();
  return 0;
}
