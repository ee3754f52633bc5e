#pragma once

// What a component needs from ESPHome, imitated with as little work as possible, so that the counted instructions are
// those of the component.

#include "esphome/components/sensor/sensor.h"
#include "esphome/components/uart/uart_component.h"
#include "replies.h"

inline constexpr int SENSORS = 7;

namespace imitation {

/// A meter that gives its replies in a fixed order, all bytes at once, whatever the request.
class Line final : public esphome::uart::UARTComponent {
 public:
  template<size_t COUNT> explicit Line(const Reply (&replies)[COUNT]) : replies_(replies), count_(COUNT) {}

  void write_array(const uint8_t *data, size_t size) override;
  bool read_array(uint8_t *data, size_t size) override;
  size_t available() override { return this->left_; }
  bool peek_byte(uint8_t *data) override { return false; }
  esphome::uart::UARTFlushResult flush() override { return {}; }
  void load_settings(bool dump_config) override {}
  void check_logger_conflict() override {}

 protected:
  const Reply *replies_;
  size_t count_;
  size_t next_reply_{0};
  const uint8_t *next_{nullptr};
  size_t left_{0};
};

/// Lets time pass between two loops.
void pass(uint32_t milliseconds);

/// Prints what one reading costs: the third, after everything that happens only once.
/// @param read does a whole reading
void measure(void (*read)(), const esphome::sensor::Sensor *const (&sensors)[SENSORS]);

}  // namespace imitation
