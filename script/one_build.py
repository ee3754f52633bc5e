"""Put many spoiled places into one build; the environment says which one acts.

A firmware takes a minute to compile, so it is compiled once with all of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

#: The environment variable with the number of the place that acts, from 1.
CHOICE = "SPOILED_PLACE"
#: The header that reads it, and the line that includes it.
HEADER_NAME = "spoiled_place.h"
HEADER = f"""#pragma once
#include <cstdlib>
inline int spoiled_place() {{
  static const char *const place = std::getenv("{CHOICE}");
  static const int number = place == nullptr ? 0 : std::atoi(place);
  return number;
}}
"""
INCLUDE = f'#include "esphome/components/multical/{HEADER_NAME}"'

#: A line of code: what stays, the expression or the statements of which one is chosen, what stays.
_FORMS = (
    re.compile(
        r"^(?P<before>\s*(?:\} else )?(?:if|while) \()(?P<test>.*)(?P<after>\)(?: \{)?\s*)$"
    ),
    re.compile(r"^(?P<before>.*\bfor \([^;]*; )(?P<test>[^;]*)(?P<after>;.*)$"),
    re.compile(r"^(?P<before>.*\{ )(?P<block>return [^{}]*;)(?P<after> \}\s*)$"),
    re.compile(
        r"^(?P<before>\s*(?:static |constexpr |const )*[\w:<>]+ [*&]?\w+ = )"
        r"(?P<value>.*)(?P<after>;\s*)$"
    ),
    # A name that is declared here would be gone behind it.
    re.compile(
        r"^(?P<before>\s*+)(?!case |default:|using |(?!return )[\w:<>]+ [*&]?\w+[\[;])"
        r"(?P<block>(?:[^{}]*|this->.*);)(?P<after>\s*)$"
    ),
)


def _choice(kind: str, old: str, spoiled: Sequence[tuple[int, str]]) -> str:
    """Return C++ that is the old text, or the spoiled one whose number is chosen."""
    if kind == "block":
        rest = "".join(f"if (spoiled_place() == {n}) {{ {new} }} else " for n, new in spoiled)
        return f"{{ {rest}{{ {old} }} }}"
    rest = "".join(f"spoiled_place() == {n} ? bool({new}) : " for n, new in spoiled)
    if kind == "value":
        rest = rest.replace("bool(", "(")
    return f"({rest}bool({old}))" if kind == "test" else f"({rest}({old}))"


def with_choice(line: str, spoiled: Mapping[int, str]) -> str | None:
    """Return a line that is itself, or one of its spoiled forms; None where it has no such form.

    spoiled: by number.
    """
    line = line.partition("//")[0]
    match = next(filter(None, (form.match(line) for form in _FORMS)), None)
    if match is None:
        return None
    form = match.re
    kind = next(name for name in ("test", "block", "value") if name in form.groupindex)
    texts = []
    for number, new in spoiled.items():
        other = form.match(new.partition("//")[0])
        if other is None or any(other[part] != match[part] for part in ("before", "after")):
            return None
        texts.append((number, other[kind]))
    return match["before"] + _choice(kind, match[kind], texts) + match["after"]


def broken_lines(log: str) -> set[tuple[str, int]]:
    """Return the file names and lines with which a compiler did not cope."""
    found = re.findall(r"/([\w.]+):(\d+):\d+: error:", log)
    return {(name, int(line)) for name, line in found}
