#pragma once

#include "pgmspace.h"

class __FlashStringHelper;

#define F(text) (reinterpret_cast<const __FlashStringHelper *>(PSTR(text)))
