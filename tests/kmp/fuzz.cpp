// Damages replies and gives them to the reader. Says what became of them; fails when the library takes or refuses a
// frame that a second, simple implementation does not. Built with sanitizers, it fails on any error in memory, too.
//
// fuzz SEED COUNT < frames
// Each line: a request frame in hexadecimal, a space, and a reply frame to begin with.

#include <cmath>
#include <iostream>
#include <string>

#include "fuzz_common.h"
#include "kmp_frame.h"
#include "kmp_text.h"
#include "kmp_value.h"

using namespace esphome::multical::kmp;

namespace {

struct Sample {
  Request request;
  Bytes content;  // address, command, data
};

Bytes from_hex(const std::string &text) {
  Bytes bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(static_cast<uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  return bytes;
}

/// Address, command and data of a frame that is right.
Bytes content_of(const Bytes &frame) {
  Bytes content = unescape({frame.begin() + 1, frame.end() - 1}).value();
  content.resize(content.size() - 2);
  return content;
}

Request request_of(const Bytes &frame) {
  const Bytes content = content_of(frame);
  if (content[1] == 0x01)
    return Request::get_type();
  if (content[1] == 0x02)
    return Request::get_serial_no();
  Request request = Request::get_registers();
  for (size_t i = 3; i + 1 < content.size(); i += 2)
    request.add_register(static_cast<uint16_t>(content[i] << 8 | content[i + 1]));
  return request;
}

/// One change of the kinds that a bad line makes, and some worse ones.
void damage(Random &random, Bytes &bytes, const Bytes &other) {
  const size_t at = random.below(bytes.size() + 1);
  const auto here = bytes.begin() + static_cast<ptrdiff_t>(at);
  if (at == bytes.size()) {
    const Bytes tail = random.bytes(random.below(40));
    bytes.insert(bytes.end(), tail.begin(), tail.end());
    return;
  }
  switch (random.below(10)) {
    case 0:
    case 1:
      *here = static_cast<uint8_t>(*here ^ 1 << random.below(8));
      break;
    case 2:
      *here = random.byte();
      break;
    case 3:
      bytes.erase(here);
      break;
    case 4:
      bytes.insert(here, random.byte());
      break;
    case 5:
      bytes.insert(here, uint8_t{*here});
      break;
    case 6:
      bytes.resize(at);
      break;
    case 7:  // the beginning of this one and the end of the other one
      bytes.resize(at);
      bytes.insert(bytes.end(), other.begin() + static_cast<ptrdiff_t>(random.below(other.size() + 1)), other.end());
      break;
    case 8: {  // a part once more
      const Bytes part(here, here + static_cast<ptrdiff_t>(random.below(bytes.size() - at) + 1));
      bytes.insert(here, part.begin(), part.end());
      break;
    }
    case 9:
      std::swap(*here, bytes[random.below(bytes.size())]);
      break;
    default:
      break;
  }
}

/// Uses everything that a reply has, and compares it.
void use(Random &random, const Request &request, const Reply &reply, const Bytes &content,
         const std::vector<Block> &blocks) {
  if (reply.command() != Command::GET_REGISTER) {
    const uint32_t data =
        reply.command() == Command::GET_SERIAL_NO
            ? reply.serial_no()
            : static_cast<uint32_t>(reply.meter_type().type << 16 | reply.meter_type().revision_letter << 8 |
                                    reply.meter_type().revision_number);
    for (size_t i = 0; i < 4; i++) {
      if (content[2 + i] != static_cast<uint8_t>(data >> (8 * (3 - i))))
        fail("wrong type or serial number", content);
    }
    return;
  }
  for (uint8_t i = 0; i < request.register_count(); i++) {
    const uint16_t id = request.register_id(i);
    const bool was_sent =
        std::any_of(blocks.begin(), blocks.end(), [id](const Block &block) { return block.id == id; });
    if (reply.find_register(id).has_value() != was_sent)
      fail("wrong registers", content);
  }
  for (const Block &block : blocks) {
    const auto value = reply.find_register(block.id);
    if (!value || value->id != block.id || value->unit != block.unit || value->sign_exponent != block.sign_exponent ||
        Bytes(value->data.begin(), value->data.end()) != block.data)
      fail("wrong register", content);
    char text[MAX_TEXT_SIZE];
    to_text(*value, text);
    const auto number = value->to_decimal();
    if (number.has_value() != (!block.data.empty() && block.data.size() <= 4))
      fail("wrong judgement of what is a number", content);
    if (!number)
      continue;
    const auto ratio = find_ratio(value->unit, static_cast<uint8_t>(random.below(256)));
    if (ratio && std::isnan(to_float(*number, *ratio)))
      fail("not a number", content);
    // The value itself, to the accuracy of a float. The exact comparison is test_decimal.py's.
    const float result = to_float(*number, {});
    const double about = (block.sign_exponent & 0x80 ? -1.0 : 1.0) * static_cast<double>(number->mantissa) *
                         std::pow(10.0, (block.sign_exponent & 0x40 ? -1 : 1) * (block.sign_exponent & 0x3F));
    if (std::fabs(about) < 3.4e38 && std::fabs(result - about) > std::fabs(about) * 6.0e-8 + 1.5e-45)
      fail("wrong value", content);
  }
}

std::vector<Sample> read_samples() {
  std::vector<Sample> samples;
  std::string request, reply;
  while (std::cin >> request >> reply)
    samples.push_back({request_of(from_hex(request)), content_of(from_hex(reply))});
  return samples;
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 3)
    fail("usage: fuzz SEED COUNT < frames");
  Random random(std::strtoull(argv[1], nullptr, 10));
  const size_t count = std::strtoull(argv[2], nullptr, 10);
  const std::vector<Sample> real = read_samples();
  if (real.empty())
    fail("no frames to begin with");

  size_t fed = 0, as_sent = 0, changed = 0, no_answer = 0, joined = 0, chance = 0, unsent_accepted = 0, no_end = 0;
  size_t results[6] = {};

  // One reader for all: what one frame leaves behind must not harm the next one.
  FrameReader reader;
  std::optional<Bytes> body;  // what came since the last start byte, as long as no stop byte came
  Bytes recent[8];            // what was sent lately; it may end, or be spliced in, later
  Bytes other = make_frame(real[0].content);

  for (; fed < count; fed++) {
    const Request request = random_request(random);
    const Sample sample =
        random.one_in(3) ? real[random.below(real.size())] : Sample{request, random_answer(random, request)};
    // On the line: damage that the CRC is there to find. In the content: a meter's own error, with a right CRC.
    const bool on_the_line = !random.one_in(4);
    Bytes content = sample.content;
    if (!on_the_line) {
      for (size_t changes = 1 + random.below(3); changes > 0; changes--)
        damage(random, content, content_of(other));
    }
    recent[fed % std::size(recent)] = content;
    const Bytes frame = make_frame(content);
    Bytes line = frame;
    if (on_the_line) {
      for (size_t changes = random.below(6); changes > 0; changes--)
        damage(random, line, other);
    }
    other = frame;
    if (random.one_in(50)) {
      reader.reset();
      body.reset();
    }

    bool ended = false;
    for (const uint8_t byte : line) {
      const ReadResult result = reader.feed(byte);
      results[static_cast<size_t>(result)]++;
      ended = ended || result != ReadResult::NOTHING;
      if (byte == 0x40) {
        body.emplace();
        continue;
      }
      if (byte != 0x0D) {
        if (body)
          body->push_back(byte);
        continue;
      }
      const std::optional<Bytes> expected = body ? check_frame(*body) : std::nullopt;
      body.reset();
      if ((result == ReadResult::FRAME) != expected.has_value())
        fail(expected ? "refused a right frame" : "took a wrong frame", line);
      if (!expected)
        continue;
      const auto taken = reader.payload();
      if (reader.address() != (*expected)[0] || reader.command() != (*expected)[1] ||
          !std::equal(taken.begin(), taken.end(), expected->begin() + 2, expected->end()))
        fail("wrong content", line);
      // What was not sent is no error when its CRC is right, which check_frame() found out for itself.
      const bool was_sent = std::find(std::begin(recent), std::end(recent), *expected) != std::end(recent);
      if (!was_sent)
        (has_right_part(add_crc(*expected)) ? joined : chance)++;

      const auto reply = Reply::parse(reader, sample.request);
      const auto blocks = check_answer(*expected, sample.request);
      if (reply.has_value() != blocks.has_value())
        fail(blocks ? "refused a right answer" : "took a wrong answer", line);
      if (!blocks) {
        no_answer++;
        continue;
      }
      use(random, sample.request, *reply, *expected, *blocks);
      if (!was_sent) {
        unsent_accepted++;
      } else if (on_the_line) {
        as_sent++;
      } else {
        changed++;
      }
    }
    no_end += !ended;
  }

  const auto dropped = [&results](ReadResult result) { return results[static_cast<size_t>(result)]; };
  const std::pair<const char *, size_t> counts[] = {
      {"fed", fed},
      {"accepted as sent", as_sent},
      {"accepted, changed before the CRC was made", changed},
      {"dropped, bad CRC", dropped(ReadResult::BAD_CRC)},
      {"dropped, bad escape", dropped(ReadResult::BAD_ESCAPE)},
      {"dropped, too short", dropped(ReadResult::TOO_SHORT)},
      {"dropped, too long", dropped(ReadResult::TOO_LONG)},
      {"nothing ended", no_end},
      {"right CRC, no answer to the request", no_answer},
      {"CRC right, frames joined or zeros added", joined},
      {"CRC right by chance", chance},
      {"accepted, though not sent", unsent_accepted},
  };
  for (const auto &[name, number] : counts)
    std::printf("%s: %zu\n", name, number);
  return 0;
}
