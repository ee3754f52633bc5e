#pragma once

#define CONFIG_ESP_TASK_WDT_TIMEOUT_S 5
