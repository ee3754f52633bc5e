#pragma once

#include <chrono>
#include <vector>

#include "esphome/core/component.h"
#include "esphome/core/log.h"

namespace esphome::loop_probe {

/// Runs a component's loop() in place of ESPHome and keeps how long each took, until it is told to print that.
class LoopProbe final : public Component {
 public:
  explicit LoopProbe(Component *component) : component_(component) {}

  void loop() override {
    // From now on nobody else runs it.
    if (this->component_->is_in_loop_state())
      this->component_->disable_loop();
    const auto start = std::chrono::steady_clock::now();
    this->component_->loop();
    const auto taken = std::chrono::steady_clock::now() - start;
    this->nanoseconds_.push_back(std::chrono::duration_cast<std::chrono::nanoseconds>(taken).count());
  }

  void report() {
    for (const auto nanoseconds : this->nanoseconds_)
      ESP_LOGI("loop_probe", "loop %lld ns", static_cast<long long>(nanoseconds));
    ESP_LOGI("loop_probe", "reported");
    this->nanoseconds_.clear();
  }

 protected:
  Component *component_;
  std::vector<int64_t> nanoseconds_;
};

}  // namespace esphome::loop_probe
