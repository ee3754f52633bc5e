#pragma once

#include <cstddef>
#include <cstdint>

// What program.cpp needs from a machine.

void write_out(const char *text, size_t size);
/// Writes a figure that may differ from machine to machine.
void figures(const char *name, uint32_t value);
/// Instructions so far; 0 if they cannot be counted.
uint32_t instructions();
/// paint_stack() fills the free stack with a pattern; painted_stack_used() returns how many bytes of it are gone.
void paint_stack();
uint32_t painted_stack_used();
