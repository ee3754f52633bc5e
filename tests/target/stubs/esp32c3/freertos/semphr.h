#pragma once

#include "FreeRTOS.h"

typedef struct Semaphore *SemaphoreHandle_t;

extern "C" {
SemaphoreHandle_t xSemaphoreCreateMutex();
BaseType_t xSemaphoreGive(SemaphoreHandle_t semaphore);
BaseType_t xSemaphoreTake(SemaphoreHandle_t semaphore, TickType_t ticks);
}
