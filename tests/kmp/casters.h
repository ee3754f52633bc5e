#pragma once

// How plain data in C++ looks in Python.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "kmp_frame.h"

/// The name of a class in kmp.library, as a template argument.
template<size_t SIZE> struct ClassName {
  char text[SIZE];
  constexpr ClassName(const char (&name)[SIZE]) { std::copy_n(name, SIZE, this->text); }
};

/// A struct that is a NamedTuple in Python, with these members in this order.
template<typename T, ClassName NAME, auto... MEMBERS> class TupleCaster {
 public:
  PYBIND11_TYPE_CASTER(T, pybind11::detail::const_name("tuple"));

  bool load(pybind11::handle from, bool /*convert*/) {
    size_t i = 0;
    const auto fields = pybind11::reinterpret_borrow<pybind11::sequence>(from);
    ((this->value.*MEMBERS = fields[i++].template cast<std::remove_reference_t<decltype(this->value.*MEMBERS)>>()),
     ...);
    return true;
  }
  static pybind11::handle cast(const T &from, pybind11::return_value_policy /*policy*/, pybind11::handle /*parent*/) {
    return pybind11::module_::import("kmp.library").attr(NAME.text)(std::invoke(MEMBERS, from)...).release();
  }
};

namespace pybind11::detail {

template<> class type_caster<std::span<const uint8_t>> {
 public:
  PYBIND11_TYPE_CASTER(std::span<const uint8_t>, const_name("bytes"));

  /// Points into the bytes, which live as long as the call that they are passed to.
  bool load(handle from, bool /*convert*/) {
    if (!isinstance<bytes>(from))
      return false;
    const auto view = std::string_view(reinterpret_borrow<bytes>(from));
    this->value = {reinterpret_cast<const uint8_t *>(view.data()), view.size()};
    return true;
  }
  static handle cast(std::span<const uint8_t> from, return_value_policy /*policy*/, handle /*parent*/) {
    return bytes(reinterpret_cast<const char *>(from.data()), from.size()).release();
  }
};

}  // namespace pybind11::detail
