#pragma once

extern "C" [[noreturn]] void esp_system_abort(const char *details);
