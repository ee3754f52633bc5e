#pragma once

#include <cstddef>
#include <cstdint>

#define configTASK_NOTIFICATION_ARRAY_ENTRIES 2
#define pdFALSE 0
#define pdMS_TO_TICKS(milliseconds) (milliseconds)
#define pdTRUE 1
#define portMAX_DELAY UINT32_MAX
#define portTICK_PERIOD_MS 1

typedef int BaseType_t;
typedef uint32_t TickType_t;

extern "C" {
BaseType_t xPortInIsrContext();
void vPortYield();
}
