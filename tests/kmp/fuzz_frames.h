#pragma once

// What the fuzzer needs: random numbers, random replies, and a second, simple implementation of the framing and the
// checks, independent of the library, to compare with.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <numeric>
#include <optional>
#include <random>
#include <vector>

#include "kmp_frame.h"

/// For the address sanitizer, which looks for a function of this name. Only the fuzzer uses the heap, the library does
/// not: without a stack trace for each allocation it runs in two thirds of the time.
extern "C" inline __attribute__((used)) const char *__asan_default_options() {
  return "malloc_context_size=0:quarantine_size_mb=4";
}

using Bytes = std::vector<uint8_t>;

constexpr uint8_t SPECIAL[] = {0x80, 0x40, 0x0D, 0x06, 0x1B};

class Random {
 public:
  explicit Random(uint64_t seed) : generator_(seed) {}

  /// 0 to limit - 1. Unlike std::uniform_int_distribution it gives the same numbers with every standard library.
  size_t below(size_t limit) { return static_cast<size_t>(this->generator_() % limit); }
  bool one_in(size_t limit) { return this->below(limit) == 0; }
  /// Any byte; those with a special meaning on the line are more likely.
  uint8_t byte() { return this->one_in(4) ? this->of(SPECIAL) : static_cast<uint8_t>(this->below(256)); }
  Bytes bytes(size_t size) {
    Bytes result(size);
    for (uint8_t &byte : result)
      byte = this->byte();
    return result;
  }
  template<typename T, size_t N> T of(const T (&values)[N]) { return values[this->below(N)]; }

 protected:
  std::mt19937_64 generator_;
};

inline bool is_special(uint8_t byte) {
  return std::find(std::begin(SPECIAL), std::end(SPECIAL), byte) != std::end(SPECIAL);
}

/// The CRC as in the textbook: long division, bit by bit.
inline uint16_t crc_by_division(const Bytes &data) {
  uint32_t remainder = 0;
  for (const uint8_t byte : data) {
    remainder ^= uint32_t{byte} << 8;
    for (int bit = 0; bit < 8; bit++) {
      remainder <<= 1;
      if ((remainder & 0x10000) != 0)
        remainder ^= 0x11021;
    }
  }
  return static_cast<uint16_t>(remainder);
}

/// @param wrong bits of the CRC to change
inline Bytes add_crc(Bytes content, uint16_t wrong = 0) {
  const auto crc = static_cast<uint16_t>(crc_by_division(content) ^ wrong);
  content.push_back(static_cast<uint8_t>(crc >> 8));
  content.push_back(static_cast<uint8_t>(crc));
  return content;
}

/// A frame from the meter.
/// @param wrong bits of its CRC to change
inline Bytes make_frame(const Bytes &content, uint16_t wrong = 0) {
  Bytes frame = {0x40};
  frame.reserve(2 * content.size() + 6);
  for (const uint8_t byte : add_crc(content, wrong)) {
    if (is_special(byte))
      frame.push_back(0x1B);
    frame.push_back(is_special(byte) ? static_cast<uint8_t>(~byte) : byte);
  }
  frame.push_back(0x0D);
  return frame;
}

/// What is between the start and the stop byte, without its escapes.
/// @return nothing if an escape has no meaning
inline std::optional<Bytes> unescape(const Bytes &body) {
  Bytes content;
  content.reserve(body.size());
  for (size_t i = 0; i < body.size(); i++) {
    if (body[i] != 0x1B) {
      content.push_back(body[i]);
      continue;
    }
    if (++i == body.size() || !is_special(static_cast<uint8_t>(~body[i])))
      return std::nullopt;
    content.push_back(static_cast<uint8_t>(~body[i]));
  }
  return content;
}

/// The content of a frame without the CRC; nothing if it breaks any rule.
/// @param body what is between the start and the stop byte
inline std::optional<Bytes> check_frame(const Bytes &body) {
  std::optional<Bytes> content = unescape(body);
  if (!content || content->size() < 4 || content->size() > esphome::multical::kmp::MAX_REPLY_SIZE ||
      crc_by_division(*content) != 0)
    return std::nullopt;
  content->erase(content->end() - 2, content->end());
  return content;
}

/// Tells whether the CRC is also right at an earlier place. It starts and ends with 0, so it does not detect zeros
/// before and after the data, nor a second frame's content after the first one's: only the blocks' lengths do.
inline bool has_right_part(const Bytes &content_with_crc) {
  for (size_t size = 1; size < content_with_crc.size(); size++) {
    if (crc_by_division({content_with_crc.begin(), content_with_crc.begin() + static_cast<ptrdiff_t>(size)}) == 0)
      return true;
  }
  return false;
}

/// One register in a reply.
struct Block {
  uint16_t id;
  uint8_t unit;
  uint8_t sign_exponent;
  Bytes data;
};

/// The registers in a reply, none for the other commands; nothing if it does not answer the request.
inline std::optional<std::vector<Block>> check_answer(const Bytes &content,
                                                      const esphome::multical::kmp::Request &request) {
  using esphome::multical::kmp::Command;
  if (content[0] != 0x3F || content[1] != static_cast<uint8_t>(request.command()))
    return std::nullopt;
  std::vector<Block> blocks;
  if (request.command() != Command::GET_REGISTER)
    return content.size() == 6 ? std::optional(blocks) : std::nullopt;
  Bytes rest(content.begin() + 2, content.end());
  while (!rest.empty()) {
    if (rest.size() < 5 || rest.size() < 5u + rest[3])
      return std::nullopt;
    const auto end = rest.begin() + 5 + rest[3];
    Block block{static_cast<uint16_t>(rest[0] << 8 | rest[1]), rest[2], rest[4], Bytes(rest.begin() + 5, end)};
    rest.erase(rest.begin(), end);
    bool asked = false;
    for (uint8_t i = 0; i < request.register_count(); i++)
      asked = asked || request.register_id(i) == block.id;
    for (const Block &before : blocks)
      asked = asked && before.id != block.id;
    if (!asked)
      return std::nullopt;
    blocks.push_back(block);
  }
  return blocks;
}

inline esphome::multical::kmp::Request random_request(Random &random) {
  using esphome::multical::kmp::Request;
  if (random.one_in(10))
    return random.one_in(2) ? Request::get_type() : Request::get_serial_no();
  Request request = Request::get_registers();
  for (size_t count = 1 + random.below(8); count > 0; count--)
    request.add_register(static_cast<uint16_t>(random.byte() << 8 | random.byte()));
  return request;
}

/// Address, command and data of an answer: some of the registers, in any order, of any size.
inline Bytes random_answer(Random &random, const esphome::multical::kmp::Request &request) {
  using esphome::multical::kmp::Command;
  Bytes content = {0x3F, static_cast<uint8_t>(request.command())};
  if (request.command() != Command::GET_REGISTER) {
    const Bytes data = random.bytes(4);
    content.insert(content.end(), data.begin(), data.end());
    return content;
  }
  Bytes order(request.register_count());
  std::iota(order.begin(), order.end(), uint8_t{0});
  for (size_t i = order.size(); i > 1; i--)
    std::swap(order[i - 1], order[random.below(i)]);
  for (const uint8_t index : order) {
    if (random.one_in(8))
      continue;
    const uint16_t id = request.register_id(index);
    static constexpr uint8_t SIZES[] = {0, 1, 2, 3, 4, 4, 4, 4, 4, 7, 12, 16};
    const Bytes value = random.bytes(random.of(SIZES));
    const auto unit = static_cast<uint8_t>(random.one_in(8) ? random.byte() : random.below(93));
    for (const size_t byte : {size_t{id} >> 8, size_t{id} & 0xFF, size_t{unit}, value.size(), size_t{random.byte()}})
      content.push_back(static_cast<uint8_t>(byte));
    content.insert(content.end(), value.begin(), value.end());
  }
  return content;
}

[[noreturn]] inline void fail(const char *what) {
  std::fprintf(stderr, "FAILED: %s\n", what);
  std::exit(1);
}
