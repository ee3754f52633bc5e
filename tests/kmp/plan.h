#pragma once

#include <pybind11/pybind11.h>

/// Adds what plan.py uses to the module.
void bind_plan(pybind11::module_ &m);
