#pragma once

#include <cstddef>
#include <cstdint>

#include "esphome/core/helpers.h"

#include "asker.h"
#include "silent_register_search.h"

namespace esphome::multical {

class Multical;

/// Asks for every possible register and logs those that answer: each with its value, then YAML to paste and a report.
/// Asks between the readings, and waits while the meter is silent.
class RegisterScan final : public Asker {
 public:
  explicit RegisterScan(Multical *hub) : hub_(hub) {}

  void start_or_stop();

  Need need() const override { return this->step_ == Step::NONE ? Need::NOTHING : Need::TURN; }
  std::optional<kmp::Request> next(uint64_t now) override;
  void answered(const kmp::Answer &answer, uint64_t now) override;
  void failed(const kmp::Request &request, kmp::Evidence evidence, uint64_t now) override;

 protected:
  enum class Step : uint8_t {
    NONE,
    TYPE,       ///< Which meter is it?
    REGISTERS,  ///< The next registers.
    PROVING,    ///< There was no answer: is the meter awake?
    SILENT,     ///< It is not: ask again from time to time.
    REPORT,     ///< All have been asked for: a line of the report each time.
  };
  /// The parts of the report, in order. The first four, up to TEXT_SENSORS_BY_NUMBER, are those of YamlPlace; a
  /// register belongs to at most one of them.
  enum class Part : uint8_t { SENSORS, SENSORS_BY_NUMBER, TEXT_SENSORS, TEXT_SENSORS_BY_NUMBER, SUMMARY, LIST, NONE };

  struct Found {
    uint16_t id;
    uint8_t unit;
    bool is_number;
  };
  /// More than any meter is known to have. Any found beyond this are logged, but not in the report.
  static constexpr uint8_t MAX_FOUND = 255;

  void begin_();
  std::optional<kmp::Request> next_request_(uint64_t now);
  kmp::Request batch_() const;
  void take_(const kmp::RegisterValue &value);
  void registers_answered_(const kmp::Answer &answer);
  void registers_silent_();
  void take_proof_();
  void asked_(uint16_t id);
  void begin_batch_();
  void wait_(uint64_t now);

  void begin_report_();
  void report_();
  bool report_heading_();
  void report_entity_(const Found &found) const;
  void report_list_();
  Part part_of_(const Found &found) const;
  bool has_(uint16_t id) const;

  Multical *hub_;
  StaticVector<Found, MAX_FOUND> found_;
  kmp::MeterType meter_type_{};
  SilentRegisterSearch search_;
  uint64_t wait_until_{0};
  uint16_t next_{1};         ///< the first register of the batch
  uint16_t found_count_{0};  ///< all, including those beyond MAX_FOUND
  uint16_t reported_{0};     ///< how many of found_ have been checked for this part of the report
  uint8_t batch_size_{0};    ///< registers in the batch
  uint8_t to_ask_{0};        ///< the registers of the batch that are not done yet: bit n is next_ + n
  static_assert(kmp::MAX_REGISTERS == 8, "to_ask_ is one byte");
  Step step_{Step::NONE};
  Part part_{Part::SENSORS};
  bool has_platform_{false};   ///< this part of the report has its `platform:` line
  bool has_registers_{false};  ///< and its `registers:` line
  bool needs_company_{false};  ///< this meter does not answer if it has none of the registers asked for
};

}  // namespace esphome::multical
