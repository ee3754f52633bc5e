#pragma once

#include "FreeRTOS.h"

typedef struct Task *TaskHandle_t;

extern "C" {
uint32_t ulTaskNotifyTakeIndexed(unsigned index, BaseType_t clear, TickType_t ticks);
void vTaskDelay(TickType_t ticks);
void vTaskNotifyGiveIndexedFromISR(TaskHandle_t task, unsigned index, BaseType_t *woken);
BaseType_t xTaskNotifyGiveIndexed(TaskHandle_t task, unsigned index);
}
