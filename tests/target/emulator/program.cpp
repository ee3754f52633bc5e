// Runs the protocol library through all samples and a conversation, and writes every result. The same program runs on
// a PC and on the emulated processors; their output must be equal to the last character.

#include <array>
#include <cstring>
#include <initializer_list>

#include "energy_total.h"
#include "info_codes.h"
#include "kmp_conversation.h"
#include "kmp_text.h"
#include "kmp_value.h"
#include "link_health.h"
#include "machine.h"

using namespace esphome::multical;
using namespace esphome::multical::kmp;

namespace {

/// A request and what comes back for it.
struct Sample {
  uint8_t command;
  uint8_t id_count;
  uint16_t ids[8];
  size_t reply_size;
  uint8_t reply[160];
};

const Sample SAMPLES[] = {
#include "samples.h"
};

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
    for (size_t i = 0; i < size; i++)
      this->hex(data[i], 2);
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
  line.text("value").hex(value.id, 4).hex(value.unit, 2).bytes(value.data.data(), value.data.size());
  char text[MAX_TEXT_SIZE];
  to_text(value, text);
  line.text(text);
  const auto decimal = value.to_decimal();
  if (!decimal)
    return;
  for (int unit = 0; unit < 128; unit++) {
    if (const auto ratio = find_ratio(value.unit, static_cast<uint8_t>(unit)))
      line.hex(static_cast<uint32_t>(unit), 2).real(to_float(*decimal, *ratio));
  }
}

void show_reply(const Request &request, const Reply &reply) {
  switch (reply.command()) {
    case Command::GET_TYPE:
      Line().text("type").hex(reply.meter_type().type, 4).hex(reply.meter_type().revision_letter, 2);
      break;
    case Command::GET_SERIAL_NO:
      Line().text("serial").hex(reply.serial_no());
      break;
    case Command::GET_REGISTER:
      for (uint8_t i = 0; i < request.register_count(); i++) {
        if (const auto value = reply.find_register(request.register_id(i)))
          show_value(*value);
      }
      break;
  }
}

void run_numbers() {
  // Divisions of all sizes, and the edges of a float.
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

std::array<uint8_t, 4> big_endian(uint32_t number) {
  return {static_cast<uint8_t>(number >> 24), static_cast<uint8_t>(number >> 16), static_cast<uint8_t>(number >> 8),
          static_cast<uint8_t>(number)};
}

void run_energy_total() {
  EnergyTotal total;
  for (uint32_t watt_hours = 9999000; watt_hours < 10002000; watt_hours += 250) {
    const auto coarse_data = big_endian(watt_hours / 1000);
    const auto fine_data = big_endian(watt_hours % 10000000);
    const RegisterValue coarse{.id = 60, .unit = 2, .sign_exponent = 0, .data = coarse_data};
    const RegisterValue fine{.id = 266, .unit = 1, .sign_exponent = 0, .data = fine_data};
    const auto result = total.take(coarse, watt_hours % 1000 == 750 ? std::nullopt : std::optional(fine), false);
    Line line;
    line.text("total").hex(result.has_value(), 2);
    if (!result)
      continue;
    total.published();
    line.hex(result->unit, 2).real(to_float(result->value, *find_ratio(result->unit, 2)));
  }
}

/// Writes what a conversation does.
class Recorder final : public ConversationHandler {
 public:
  void send(std::span<const uint8_t> frame) override { Line().text("send").bytes(frame.data(), frame.size()); }
  void on_answer(const Answer &answer) override {
    Line().text("delay").hex(answer.delay);
    show_reply(answer.request, answer.reply);
    if (this->health.request_answered())
      Line().text("found");
    this->show_status();
  }
  bool on_attempt_failed(const Attempt &attempt) override {
    Line()
        .text("failed")
        .hex(static_cast<uint32_t>(attempt.evidence()), 2)
        .bytes(attempt.kept().data(), attempt.kept().size());
    this->health.attempt_failed(attempt);
    this->show_status();
    return true;
  }
  void on_failure(const Request &request, const Attempt &attempt) override {
    Line().text("gave-up").hex(static_cast<uint32_t>(request.command()), 2).hex(attempt.received_size(), 4);
    if (this->health.update_failed())
      Line().text("lost");
    this->show_status();
  }
  void on_late_reply(const Attempt &attempt, uint32_t delay) override {
    Line().text("late").hex(delay).hex(attempt.received_size(), 4);
    this->health.answered_late();
    this->show_status();
  }
  void show_status() const { Line().text("status").hex(static_cast<uint32_t>(this->health.status()), 2); }

  LinkHealth health;
};

/// The line brings these bytes at these times; the owner polls every 7 ms.
void run_script() {
  Recorder recorder;
  Conversation conversation(&recorder);
  conversation.set_retries(1);
  uint32_t now = 0xFFFFF000;  // the clock wraps around on the way
  size_t next = 0;
  for (const Sample &sample : SAMPLES) {
    while (!conversation.is_idle())
      conversation.poll(now += 7);
    conversation.start(make_request(sample), now);
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
    Line().text("done").hex(now - begin);
  }
  for (int i = 0; i < 3; i++)
    recorder.health.line_sampled(false);
  recorder.show_status();
}

}  // namespace

int main() {
  paint_stack();
  const uint32_t before = instructions();
  run_numbers();
  run_energy_total();
  run_script();
  const uint32_t after = instructions();
  figures("stack", painted_stack_used());
  figures("instructions", after - before);
  return 0;
}
