"""Checks of the register table, made before anything is generated from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from multical.registers import (
    METERS,
    OTHER_REGISTERS,
    NumericRegister,
    Register,
    TextRegister,
)


def problems(registers: Sequence[Register]) -> Iterator[str]:
    """Yield a sentence for each mistake; it names the register and what is allowed."""
    order = list(METERS)
    numbers: dict[int, Register] = {}
    keys: dict[tuple[type, str], Register] = {}
    for register in registers:
        name = f"register {register.number}"
        if not 1 <= register.number <= 0xFFFF:
            yield f"{name}: the number must be from 1 to 65535"
        if register.number in numbers:
            move = ": move it from OTHER_REGISTERS" if register in OTHER_REGISTERS else ""
            yield f"{name} is in the table twice{move}"
            continue
        numbers[register.number] = register
        if isinstance(register, NumericRegister | TextRegister):
            if not re.fullmatch("[a-z][a-z0-9]*(_[a-z0-9]+)*", register.key):
                yield f"{name}: the key '{register.key}' must be words like max_flow_year"
            before = keys.setdefault((type(register), register.key), register)
            if before is not register:
                yield f"{name} has the key '{register.key}' of register {before.number}"
        if not register.meaning:
            yield f"{name}: say what it means"
        # These would end a cell of docs/registers.md, or a text of register_table.h.
        if set(register.meaning + register.note) & set('|"\\'):
            yield f'{name}: its text must be without |, " and \\'
        unknown = [each for each in register.meters if each not in METERS]
        for each in unknown:
            yield f"{name}: '{each}' is not one of the METERS {', '.join(METERS)}"
        if not any(register.meters.values()):
            yield f"{name}: name a meter that is known to have it, without '?'"
        if not unknown and list(register.meters) != sorted(register.meters, key=order.index):
            names = sorted(register.known.split(), key=lambda each: order.index(each.rstrip("?")))
            right = " ".join(names)
            yield f"{name}: list its meters in the order of METERS, '{right}'"
