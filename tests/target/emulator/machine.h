#pragma once

#include <cstddef>
#include <cstdint>

// What a machine must be able to do for program.cpp.

void write_out(const char *text, size_t size);
/// Writes down a figure that may differ from machine to machine.
void figures(const char *name, uint32_t value);
/// Instructions so far; 0 where they cannot be counted.
uint32_t instructions();
/// Fills the free stack with a pattern, and tells later how many bytes of it are gone.
void paint_stack();
uint32_t painted_stack_used();
