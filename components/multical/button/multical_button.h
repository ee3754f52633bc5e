#pragma once

#include "esphome/components/button/button.h"

#include "../multical.h"

namespace esphome::multical {

/// Reads everything now.
class ReadButton final : public button::Button, public Parented<Multical> {
 protected:
  void press_action() override { this->parent_->read(); }
};

#ifdef USE_MULTICAL_CHECK_WIRING
/// Looks at the wiring.
class CheckWiringButton final : public button::Button, public Parented<Multical> {
 protected:
  void press_action() override { this->parent_->check_wiring(); }
};
#endif

#ifdef USE_MULTICAL_SCAN
/// Asks for every register; stops a scan that runs.
class ScanRegistersButton final : public button::Button, public Parented<Multical> {
 protected:
  void press_action() override { this->parent_->scan_registers(); }
};
#endif

}  // namespace esphome::multical
