"""The info codes: the problems that a meter reports about itself, in the four known forms.

Kamstrup's MULTICAL 403, 603, 303 and 803 have one list in two forms: one bit per code (register
369, as J. Kundrat reads it) and the eight digits of the display (perhaps register 99). The 602 has
another list, whose numbers are added up in register 99; 601 and 402 probably have the same list,
which is not proven. The water meters MULTICAL 21 and flowIQ 2101 have four codes, one bit each, in
the lowest bits of register 99; the bits above are hour counters.

Sources: the 403's technical description (5512-1689, 7.7.1) for the bits marked as documented, its
user guide and the 803's description (5512-2360, 7.8) for the digits; wmbusmeters' `kamheat`, which
cites the 603's description (7.7.2), for the other bits; the 602's technical description (5512-931,
6.11.2); the water meters' technical description (5512-897, p. 50).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

BITS = 32
DIGITS = 8
#: The number of the water meters' code in bit 0; the codes in the next bits follow it.
FIRST_OF_WATER = 38


class Form(IntEnum):
    """How a register encodes which codes are active. The numbers are those of InfoForm in C++."""

    BITS = 0
    DIGITS = 1
    SUM = 2
    WATER = 3


@dataclass(frozen=True)
class InfoCode:
    """One code.

    key: the key in YAML; with spaces for underscores it is the name in the text.
    number: the code's number in the firmware. Below 32 it is also its bit.
    meaning: the meaning in words.
    digits: the places (counted from the left, from 1) and digits that show the code in the eight
        digits; empty if that form does not have the code.
    summand: what the code adds to the sum; 0 if that form does not have it.
    documented: the bit is in the 403's description.
    """

    key: str
    number: int
    meaning: str
    digits: tuple[tuple[int, int], ...] = ()
    summand: int = 0
    documented: bool = False

    @property
    def name(self) -> str:
        """The name in the text of all active codes."""
        return self.key.replace("_", " ")

    @property
    def forms(self) -> set[Form]:
        """The forms that can report it."""
        has = {
            Form.BITS: self.number < BITS,
            Form.DIGITS: bool(self.digits),
            Form.SUM: bool(self.summand),
            Form.WATER: self.number >= FIRST_OF_WATER,
        }
        return {form for form, is_there in has.items() if is_there}


# fmt: off
INFO_CODES: tuple[InfoCode, ...] = (
    InfoCode("no_supply", 0, "no supply voltage", ((1, 1),), 1, documented=True),
    InfoCode("low_battery", 1, "low battery", ((1, 2),)),
    InfoCode("external_alarm", 2, "external alarm, for example sent over KMP", ((1, 9),)),
    InfoCode("t1_above_range", 3, "t1 above its range or disconnected", ((2, 1),), documented=True),
    InfoCode("t2_above_range", 4, "t2 above its range or disconnected", ((3, 1),), documented=True),
    InfoCode("t1_below_range", 5, "t1 below its range or shorted", ((2, 2),), documented=True),
    InfoCode("t2_below_range", 6, "t2 below its range or shorted", ((3, 2),), documented=True),
    InfoCode("invalid_difference", 7, "invalid temperature difference", ((2, 9), (3, 9)),
             documented=True),
    InfoCode("v1_air", 8, "V1: air", ((5, 3),), 4096, documented=True),
    InfoCode("v1_wrong_direction", 9, "V1: wrong flow direction", ((5, 4),), 16384),
    InfoCode("v1_high_flow", 11, "V1: flow above qs for more than an hour", ((5, 6),)),
    InfoCode("input_a_leak", 12, "input A: leak", ((7, 8),), documented=True),
    InfoCode("input_b_leak", 13, "input B: leak", ((8, 8),), documented=True),
    InfoCode("input_a_alarm", 14, "input A: external alarm", ((7, 9),), documented=True),
    InfoCode("input_b_alarm", 15, "input B: external alarm", ((8, 9),), documented=True),
    InfoCode("v1_communication_error", 16, "V1: communication error", summand=16),
    InfoCode("v1_wrong_pulse_figure", 17, "V1: wrong pulse figure", summand=2048),
    InfoCode("input_a2_leak", 18, "input A2: leak"),
    InfoCode("input_b2_leak", 19, "input B2: leak"),
    InfoCode("t3_above_range", 20, "t3 above its range or disconnected", ((4, 1),)),
    InfoCode("t3_below_range", 21, "t3 below its range or shorted", ((4, 2),)),
    InfoCode("v2_communication_error", 22, "V2: communication error", summand=1024),
    InfoCode("v2_wrong_pulse_figure", 23, "V2: wrong pulse figure", summand=128),
    InfoCode("v2_air", 24, "V2: air", ((6, 3),), 8192),
    InfoCode("v2_wrong_direction", 25, "V2: wrong flow direction", ((6, 4),), 32768),
    InfoCode("v2_high_flow", 27, "V2: flow above qs for more than an hour", ((6, 6),)),
    InfoCode("burst_loss", 28, "V1/V2: burst, water is lost"),
    InfoCode("burst_penetration", 29, "V1/V2: burst, water gets in"),
    InfoCode("leak_loss", 30, "V1/V2: leak, water is lost"),
    InfoCode("leak_penetration", 31, "V1/V2: leak, water gets in"),
    InfoCode("t1_out_of_range", 32, "t1 out of its range", summand=8),
    InfoCode("t2_out_of_range", 33, "t2 out of its range", summand=4),
    InfoCode("t3_out_of_range", 34, "t3 out of its range", summand=32),
    InfoCode("cold_water_leak", 35, "leak in the cold water", summand=64),
    InfoCode("heating_system_leak", 36, "leak in the heating system", summand=256),
    InfoCode("heating_system_burst", 37, "burst in the heating system", summand=512),
    InfoCode("dry", FIRST_OF_WATER, "water meter: dry", documented=True),
    InfoCode("reverse", FIRST_OF_WATER + 1, "water meter: flow backwards", documented=True),
    InfoCode("leak", FIRST_OF_WATER + 2, "water meter: leak", documented=True),
    InfoCode("burst", FIRST_OF_WATER + 3, "water meter: burst", documented=True),
)
# fmt: on

INFO_CODE_BY_KEY: dict[str, InfoCode] = {code.key: code for code in INFO_CODES}
