#pragma once

#include "esphome/core/log.h"

#include "link_health.h"

namespace esphome::multical {

/// What to try next, one sentence of at most 255 bytes, as many as Home Assistant takes. In flash on an ESP8266.
const LogString *link_advice(LinkStatus status);

}  // namespace esphome::multical
