#pragma once

// What ESPHome's headers and this component use of the Arduino core for the ESP8266: declarations only, so that files
// compile. Nothing is linked against them.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "Esp.h"
#include "HardwareSerial.h"
#include "WString.h"
#include "c_types.h"
#include "core_esp8266_features.h"
#include "coredecls.h"
#include "pgmspace.h"

#define INPUT 0x00
#define OUTPUT 0x01
