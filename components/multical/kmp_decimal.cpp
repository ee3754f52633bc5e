#include "kmp_decimal.h"

#include <cmath>

namespace esphome::multical::kmp {

namespace {

/// An unsigned integer of up to 352 bits. The largest that occurs has 344: mantissa (64) * numerator (16) * 10^79
/// (263, from exponents of at most 63 on the wire and 16 between units), and one bit more during the division.
class BigUnsigned {
 public:
  explicit BigUnsigned(uint64_t value)
      : words_{static_cast<uint32_t>(value), static_cast<uint32_t>(value >> 32)}, size_(value >> 32 == 0 ? 1 : 2) {}

  void multiply(uint32_t factor) {
    uint32_t carry = 0;
    for (uint8_t i = 0; i < this->size_; i++) {
      const uint64_t product = static_cast<uint64_t>(this->words_[i]) * factor + carry;
      this->words_[i] = static_cast<uint32_t>(product);
      carry = static_cast<uint32_t>(product >> 32);
    }
    this->append_(carry);
  }

  void multiply_by_power_of_ten(uint8_t exponent) {
    for (; exponent >= 9; exponent -= 9)
      this->multiply(1000000000);
    for (; exponent > 0; exponent--)
      this->multiply(10);
  }

  void shift_left(uint16_t bits) {
    for (; bits >= 32; bits -= 32) {
      this->append_(1);  // any word that is not 0 makes room for one more
      for (uint8_t i = this->size_ - 1; i > 0; i--)
        this->words_[i] = this->words_[i - 1];
      this->words_[0] = 0;
    }
    if (bits == 0)
      return;
    uint32_t carry = 0;
    for (uint8_t i = 0; i < this->size_; i++) {
      const uint32_t word = this->words_[i];
      this->words_[i] = (word << bits) | carry;
      carry = word >> (32 - bits);
    }
    this->append_(carry);
  }

  bool at_least(const BigUnsigned &other) const {
    if (this->size_ != other.size_)
      return this->size_ > other.size_;
    for (uint8_t i = this->size_; i-- > 0;) {
      if (this->words_[i] != other.words_[i])
        return this->words_[i] > other.words_[i];
    }
    return true;
  }

  /// Takes away `other`, which must not be larger.
  void subtract(const BigUnsigned &other) {
    uint32_t borrow = 0;
    for (uint8_t i = 0; i < this->size_; i++) {
      const uint64_t take = static_cast<uint64_t>(i < other.size_ ? other.words_[i] : 0) + borrow;
      borrow = this->words_[i] < take ? 1 : 0;
      this->words_[i] -= static_cast<uint32_t>(take);
    }
    while (this->size_ > 1 && this->words_[this->size_ - 1] == 0)
      this->size_--;
  }

  bool is_zero() const { return this->size_ == 1 && this->words_[0] == 0; }

  /// Whether it has room for one bit more in 64 bits.
  bool is_short() const { return this->size_ == 1 || (this->size_ == 2 && this->words_[1] >> 31 == 0); }
  /// Its value, when is_short().
  uint64_t to_uint64() const {
    return this->size_ == 1 ? this->words_[0] : static_cast<uint64_t>(this->words_[1]) << 32 | this->words_[0];
  }

  uint16_t bits() const {
    uint16_t bits = static_cast<uint16_t>(32 * (this->size_ - 1));
    for (uint32_t top = this->words_[this->size_ - 1]; top != 0; top >>= 1)
      bits++;
    return bits;
  }

 protected:
  static constexpr uint8_t WORDS = 11;

  void append_(uint32_t word) {
    if (word != 0 && this->size_ < WORDS)
      this->words_[this->size_++] = word;
  }

  uint32_t words_[WORDS];
  uint8_t size_;
};

constexpr int QUOTIENT_BITS = 27;

/// Long division of two equally long numbers.
/// @param remains gets whether the quotient is a little more than its bits say
/// @return the first QUOTIENT_BITS bits of the quotient, which lies between 1/2 and 2
uint32_t divide(BigUnsigned *dividend, const BigUnsigned &divisor, bool *remains) {
  uint32_t quotient = 0;
  if (dividend->is_short() && divisor.is_short()) {
    // As nearly always, and four times as fast.
    uint64_t rest = dividend->to_uint64();
    const uint64_t by = divisor.to_uint64();
    for (int i = 0; i < QUOTIENT_BITS; i++) {
      quotient <<= 1;
      if (rest >= by) {
        rest -= by;
        quotient |= 1;
      }
      rest <<= 1;
    }
    *remains = rest != 0;
    return quotient;
  }
  for (int i = 0; i < QUOTIENT_BITS; i++) {
    quotient <<= 1;
    if (dividend->at_least(divisor)) {
      dividend->subtract(divisor);
      quotient |= 1;
    }
    dividend->shift_left(1);
  }
  *remains = !dividend->is_zero();
  return quotient;
}

}  // namespace

float to_float(const Decimal &value, const Ratio &ratio) {
  if (value.mantissa == 0)
    return 0.0f;

  BigUnsigned dividend(value.mantissa);
  BigUnsigned divisor(1);
  if (ratio.numerator != ratio.denominator) {
    dividend.multiply(ratio.numerator);
    divisor.multiply(ratio.denominator);
  }
  const int exponent = value.exponent + ratio.exponent;
  if (exponent >= 0) {
    dividend.multiply_by_power_of_ten(static_cast<uint8_t>(exponent));
  } else {
    divisor.multiply_by_power_of_ten(static_cast<uint8_t>(-exponent));
  }

  // Make both equally long; then the quotient lies between 1/2 and 2, and 27 steps of long division give at least
  // 25 of its bits: the 24 of a float and one for rounding. What is left over tells a tie from a little more.
  const int shift = static_cast<int>(dividend.bits()) - static_cast<int>(divisor.bits());
  if (shift > 0) {
    divisor.shift_left(static_cast<uint16_t>(shift));
  } else {
    dividend.shift_left(static_cast<uint16_t>(-shift));
  }
  bool remains;
  const uint32_t quotient = divide(&dividend, divisor, &remains);
  const int scale = shift - (QUOTIENT_BITS - 1);  // value = quotient * 2^scale, and a remainder

  constexpr int SMALLEST_FLOAT_SCALE = -149;  // the last bit of a denormal float
  int drop = (quotient >> (QUOTIENT_BITS - 1)) != 0 ? 3 : 2;
  if (scale + drop < SMALLEST_FLOAT_SCALE)
    drop = SMALLEST_FLOAT_SCALE - scale;
  if (drop > QUOTIENT_BITS)
    return value.negative ? -0.0f : 0.0f;
  const uint32_t half = uint32_t{1} << (drop - 1);
  const uint32_t dropped = quotient & (half + half - 1);
  uint32_t rounded = quotient >> drop;
  if (dropped > half || (dropped == half && (remains || (rounded & 1) != 0)))
    rounded++;
  const float magnitude = std::ldexp(static_cast<float>(rounded), scale + drop);
  return value.negative ? -magnitude : magnitude;
}

}  // namespace esphome::multical::kmp
