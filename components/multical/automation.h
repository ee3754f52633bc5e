#pragma once

#include "esphome/core/automation.h"
#include "esphome/core/helpers.h"

#include "multical.h"
#include "register_scan.h"
#include "wiring_check.h"

namespace esphome::multical {

template<typename... Ts> class ReadAction final : public Action<Ts...>, public Parented<Multical> {
 public:
  void play(const Ts &...x) override { this->parent_->read(); }
};

template<typename... Ts> class CheckWiringAction final : public Action<Ts...>, public Parented<WiringCheck> {
 public:
  void play(const Ts &...x) override { this->parent_->start(); }
};

template<typename... Ts> class ScanRegistersAction final : public Action<Ts...>, public Parented<RegisterScan> {
 public:
  void play(const Ts &...x) override { this->parent_->start_or_stop(); }
};

}  // namespace esphome::multical
