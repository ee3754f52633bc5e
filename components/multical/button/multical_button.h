#pragma once

#include "esphome/components/button/button.h"

#include "../multical.h"
#include "../register_scan.h"
#include "../wiring_check.h"

namespace esphome::multical {

/// Reads everything now.
class ReadButton final : public button::Button, public Parented<Multical> {
 protected:
  void press_action() override { this->parent_->read(); }
};

/// Checks the wiring.
class CheckWiringButton final : public button::Button, public Parented<WiringCheck> {
 protected:
  void press_action() override { this->parent_->start(); }
};

/// Asks for every register; stops a running scan.
class ScanRegistersButton final : public button::Button, public Parented<RegisterScan> {
 protected:
  void press_action() override { this->parent_->start_or_stop(); }
};

}  // namespace esphome::multical
