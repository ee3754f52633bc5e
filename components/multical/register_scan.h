#pragma once

#include "esphome/core/defines.h"
#ifdef USE_MULTICAL_SCAN

#include <cstddef>
#include <cstdint>

#include "esphome/core/helpers.h"

#include "side_task.h"

namespace esphome::multical {

class Multical;

/// Asks for every register there may be and writes down what answers: each with its value, at the end YAML to paste and
/// a report. Asks only while no reading is under way, and waits while the meter is silent.
class RegisterScan final : public SideTask {
 public:
  explicit RegisterScan(Multical *hub) : hub_(hub) {}

  void start_or_stop();
  bool is_active() const { return this->step_ != Step::NONE; }

  void on_reply(const kmp::Request &request, const kmp::Reply &reply) override;
  void on_failure(const kmp::Request &request, const kmp::Attempt &attempt) override;

  /// Goes on, whenever no request is under way.
  void loop(uint32_t now);

 protected:
  enum class Step : uint8_t {
    NONE,
    TYPE,       ///< Which meter is it?
    REGISTERS,  ///< The next registers.
    ALIVE,      ///< They brought no answer: is the meter there?
    SILENT,     ///< It is not: ask again now and then.
    REPORT,     ///< All asked: a line of the report each time.
  };
  /// The parts of the report, in its order. Up to TEXT_SENSORS_BY_NUMBER a register belongs to one of them at most.
  enum class Part : uint8_t { SENSORS, SENSORS_BY_NUMBER, TEXT_SENSORS, TEXT_SENSORS_BY_NUMBER, SUMMARY, LIST, NONE };

  struct Found {
    uint16_t id;
    uint8_t unit;
  };
  /// More than any meter is known to have. What is found beyond it is shown, but not in the report.
  static constexpr uint8_t MAX_FOUND = 255;

  void begin_();
  uint16_t batch_end_() const;
  void ask_registers_(uint32_t now);
  void take_(const kmp::RegisterValue &value);
  void skip_(uint16_t count);
  void batch_silent_();

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
  uint32_t wait_until_{0};
  uint16_t next_{1};         ///< the first register not asked for yet
  uint16_t found_count_{0};  ///< all, also beyond MAX_FOUND
  uint16_t reported_{0};     ///< how many of found_ were looked at for this part of the report
  uint8_t batch_size_{0};
  Step step_{Step::NONE};
  Part part_{Part::SENSORS};
  bool has_platform_{false};   ///< this part of the report has said its platform
  bool has_registers_{false};  ///< and that registers by number follow
  bool needs_company_{false};  ///< this meter is silent when it has none of the registers asked for
};

}  // namespace esphome::multical

#endif  // USE_MULTICAL_SCAN
