#pragma once

#include <chrono>
#include <vector>

#include "esphome/components/multical/multical.h"
#include "esphome/core/component.h"
#include "esphome/core/log.h"

namespace esphome::loop_probe {

/// Runs the loop() of a hub in ESPHome's place and logs how long each took, once per update of the hub.
class LoopProbe final : public Component {
 public:
  explicit LoopProbe(multical::Multical *hub) : hub_(hub) {}

  void loop() override {
    // From here on nobody else runs it.
    if (this->hub_->is_in_loop_state())
      this->hub_->disable_loop();
    if (!this->hub_->is_updating())
      return;
    const auto start = std::chrono::steady_clock::now();
    this->hub_->loop();
    const auto taken = std::chrono::steady_clock::now() - start;
    this->nanoseconds_.push_back(std::chrono::duration_cast<std::chrono::nanoseconds>(taken).count());
    if (!this->hub_->is_updating())
      this->report_();
  }

 protected:
  void report_() {
    for (const auto nanoseconds : this->nanoseconds_)
      ESP_LOGI("loop_probe", "loop %lld ns", static_cast<long long>(nanoseconds));
    this->nanoseconds_.clear();
  }

  multical::Multical *hub_;
  std::vector<int64_t> nanoseconds_;
};

}  // namespace esphome::loop_probe
