#pragma once

#include "esphome/components/button/button.h"

#include "../multical.h"

namespace esphome::multical {

/// Reads everything now.
class ReadButton final : public button::Button, public Parented<Multical> {
 protected:
  void press_action() override { this->parent_->read(); }
};

}  // namespace esphome::multical
