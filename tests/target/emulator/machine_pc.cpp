#include <cstdio>

#include "machine.h"

void write_out(const char *text, size_t size) { std::fwrite(text, 1, size, stdout); }
void figures(const char *name, uint32_t value) {}
uint32_t instructions() { return 0; }
void paint_stack() {}
uint32_t painted_stack_used() { return 0; }
