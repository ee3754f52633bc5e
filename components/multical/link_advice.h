#pragma once

#include "esphome/core/log.h"

#include "link_health.h"

namespace esphome::multical {

/// What to try next: one sentence of at most 255 bytes, Home Assistant's limit. In flash on an ESP8266.
const LogString *link_advice(LinkStatus status);

}  // namespace esphome::multical
