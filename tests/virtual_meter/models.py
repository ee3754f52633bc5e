"""The meters, as tables: which registers they have, in which unit, size and resolution.

Register numbers, meanings and units of the 601 are documented by the manufacturer; those of 402,
403 and 602 come from other readers' software and from captured frames. Forms of single values
(2-byte temperatures, 3 decimals of MWh, 7-byte date and time) are as captured where a capture is
known; everything else, and every serial and customer number, is invented.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

# Unit bytes of the protocol.
WH, KWH, MWH, GJ = 1, 2, 3, 8
KILOWATT = 22
CELSIUS, KELVIN = 37, 38
CUBIC_METRE, LITRE_PER_HOUR, CUBIC_METRE_CELSIUS, TON = 40, 41, 43, 44
HOUR, CLOCK, DATE, MONTH_DAY, NUMBER, BAR = 46, 47, 48, 50, 51, 52
BITFIELD, DAY, DATETIME = 59, 62, 79

PER_BASE_UNIT = {
    KWH: Fraction(1, 1_000),
    MWH: Fraction(1, 1_000_000),
    GJ: Fraction(36, 10_000_000),
    KILOWATT: Fraction(1, 1_000),
    CUBIC_METRE: Fraction(1, 1_000),
    TON: Fraction(1, 1_000),
}
"""Units in one Wh, W, litre or kg, the simulation's units; 1 for all units not listed."""

ENERGY = -1
"""Stands for the unit and resolution of energy of a model."""


@dataclass(frozen=True, slots=True)
class Register:
    """Form and origin of one register's value.

    unit: unit byte. decimals: digits after the point, 0..63. source: name of the simulation's
    quantity. size: mantissa bytes.
    """

    unit: int
    decimals: int
    source: str
    size: int = 4


def _peaks(span: str, first: int) -> dict[int, Register]:
    """Eight registers in a row: date and value of max and min flow, max and min power."""
    rows: dict[int, Register] = {}
    register = first
    for name, unit, decimals in (("flow", LITRE_PER_HOUR, 0), ("power", KILOWATT, 1)):
        for kind in ("max", "min"):
            source = f"{kind}_{name}_{span}"
            rows[register] = Register(DATE, 0, f"{source}_date")
            rows[register + 1] = Register(unit, decimals, source)
            register += 2
    return rows


REGISTERS: Mapping[int, Register] = {
    60: Register(ENERGY, 0, "heat_energy"),
    61: Register(ENERGY, 0, "energy_e4"),
    62: Register(ENERGY, 0, "energy_e5"),
    63: Register(ENERGY, 0, "cooling_energy"),
    64: Register(ENERGY, 0, "tariff_2"),
    65: Register(ENERGY, 0, "tariff_3"),
    66: Register(LITRE_PER_HOUR, 0, "tariff_2_limit"),
    67: Register(LITRE_PER_HOUR, 0, "tariff_3_limit"),
    68: Register(CUBIC_METRE, 2, "volume"),
    69: Register(CUBIC_METRE, 2, "volume_2"),
    72: Register(TON, 2, "mass"),
    73: Register(TON, 2, "mass_2"),
    74: Register(LITRE_PER_HOUR, 0, "flow"),
    75: Register(LITRE_PER_HOUR, 0, "flow_2"),
    80: Register(KILOWATT, 1, "power"),
    84: Register(CUBIC_METRE, 2, "input_a"),
    85: Register(CUBIC_METRE, 2, "input_b"),
    86: Register(CELSIUS, 2, "supply_temperature"),
    87: Register(CELSIUS, 2, "return_temperature"),
    88: Register(CELSIUS, 2, "temperature_3"),
    89: Register(KELVIN, 2, "temperature_difference"),
    91: Register(BAR, 2, "pressure_1"),
    92: Register(BAR, 2, "pressure_2"),
    94: Register(ENERGY, 0, "energy_e2"),
    95: Register(ENERGY, 0, "energy_e6"),
    96: Register(ENERGY, 0, "energy_e7"),
    97: Register(CUBIC_METRE_CELSIUS, 0, "volume_temperature_supply"),
    99: Register(NUMBER, 0, "info"),
    110: Register(CUBIC_METRE_CELSIUS, 0, "volume_temperature_return"),
    113: Register(NUMBER, 0, "info_event_count"),
    122: Register(CELSIUS, 2, "temperature_4"),
    **_peaks("year", 123),
    **_peaks("month", 138),
    146: Register(CELSIUS, 2, "average_supply_temperature_year"),
    147: Register(CELSIUS, 2, "average_return_temperature_year"),
    149: Register(CELSIUS, 2, "average_supply_temperature_month"),
    150: Register(CELSIUS, 2, "average_return_temperature_month"),
    # 0.1 Wh steps as captured from a 602; where it rolls over is not known, 10 MWh is assumed.
    155: Register(WH, 1, "heat_energy_rolling"),
    175: Register(HOUR, 0, "error_hours"),
    266: Register(WH, 0, "heat_energy_rolling"),
    267: Register(WH, 0, "cooling_energy_rolling"),
    348: Register(DATETIME, 0, "datetime", size=7),
    369: Register(BITFIELD, 0, "info"),
    582: Register(DAY, 0, "battery_days_left"),
    1002: Register(CLOCK, 0, "clock"),
    1003: Register(DATE, 0, "date"),
    1004: Register(HOUR, 0, "operating_hours"),
}
"""All registers that the simulation feeds, with 4-byte values unless a model says otherwise."""


@dataclass(frozen=True)
class Model:
    """One kind of meter.

    type_code and revision: the two 16-bit numbers of a GetType reply. energy: unit byte and
    decimals of its energy registers. simulated: its registers out of `REGISTERS`. fixed: further
    registers with an unchanging number, as unit byte and value. sizes: mantissa bytes by unit byte
    where they are not 4. replaced: registers that differ from their row in `REGISTERS`.
    """

    name: str
    description: str
    type_code: int
    revision: int
    energy: tuple[int, int]
    simulated: tuple[int, ...]
    fixed: Mapping[int, tuple[int, int]]
    sizes: Mapping[int, int] = field(default_factory=dict)
    replaced: Mapping[int, Register] = field(default_factory=dict)

    def register(self, number: int) -> Register | None:
        """Return the form of a simulated register, or None if the model does not have it."""
        if number not in self.simulated:
            return None
        row = self.replaced.get(number) or REGISTERS[number]
        unit, decimals = self.energy if row.unit == ENERGY else (row.unit, row.decimals)
        return Register(unit, decimals, row.source, self.sizes.get(unit, row.size))

    @property
    def numbers(self) -> tuple[int, ...]:
        """All registers the model answers, ascending."""
        return tuple(sorted((*self.simulated, *self.fixed)))


_PEAKS = (*range(123, 131), *range(138, 148), 149, 150)
_CLOCK = (1002, 1003, 1004)

# fmt: off
_403 = (
    60, 63, 68, 74, 80, 84, 85, 86, 87, 89, 97, 99, 110, 113, *_PEAKS, 175, 266, 267, 348, 369,
    582, *_CLOCK,
)
_602 = (
    60, 61, 62, 63, 68, 69, 72, 73, 74, 75, 80, 84, 85, 86, 87, 88, 89, 94, 97, 99, 110, 113, 122,
    *_PEAKS, 155, 175, *_CLOCK,
)
_601 = (
    *range(60, 70), 72, 73, 74, 75, 80, 84, 85, 86, 87, 88, 89, 91, 92, 94, 95, 96, 97, 99, 110,
    113, 122, *_PEAKS, 155, 175, *_CLOCK,
)
# fmt: on

# A pulse input may count an electricity meter, too.
_INPUT_B_KWH = {85: Register(KWH, 0, "input_b_energy")}

MODELS: Mapping[str, Model] = {
    model.name: model
    for model in (
        Model(
            name="403-kwh",
            description="MULTICAL 403, energy in kWh",
            # The real GetType values of a 403 are not known: both are invented.
            type_code=0x0403,
            revision=0x0203,
            # The resolution of CCC code 119 (qp 1.5), the one its user guide shows.
            energy=(KWH, 0),
            simulated=_403,
            fixed={
                98: (MONTH_DAY, 1231),
                112: (NUMBER, 0),
                1001: (NUMBER, 80713078),
                1005: (NUMBER, 20316),
                1010: (NUMBER, 403117),
            },
            replaced=_INPUT_B_KWH,
        ),
        Model(
            name="403-gj",
            description="MULTICAL 403, energy in GJ",
            # Invented. A revision of 0000 makes the reader ask register 1005, as the author of
            # PyKMP says of his 403.
            type_code=0x0403,
            revision=0x0000,
            energy=(GJ, 3),
            simulated=_403,
            fixed={
                98: (MONTH_DAY, 531),
                112: (NUMBER, 12345678),
                1001: (NUMBER, 67208341),
                1005: (NUMBER, 20511),
                1010: (NUMBER, 90),
            },
        ),
        Model(
            name="602",
            description="MULTICAL 602, energy in MWh, short values as captured",
            # The real GetType values of a 602 are not known: both are invented.
            type_code=0x0602,
            revision=0x0A05,
            energy=(MWH, 3),
            simulated=_602,
            fixed={
                98: (MONTH_DAY, 630),
                112: (NUMBER, 4711),
                1001: (NUMBER, 6892850),
                1005: (NUMBER, 10507),
                1010: (NUMBER, 815),
            },
            sizes={CELSIUS: 2, KELVIN: 2, KILOWATT: 2, LITRE_PER_HOUR: 2},
        ),
        Model(
            name="601",
            description="MULTICAL 601, energy in GJ, all its documented registers",
            # Documented: a 601 with Pt100 sensors and software F1.
            type_code=0x0004,
            revision=0x0601,
            energy=(GJ, 2),
            simulated=_601,
            fixed={
                98: (MONTH_DAY, 1231),
                104: (NUMBER, 2200456),
                112: (NUMBER, 1),
                114: (NUMBER, 1100123),
                152: (NUMBER, 3404119),
                153: (NUMBER, 10010),
                154: (NUMBER, 51966),
                157: (NUMBER, 0),
                158: (NUMBER, 10),
                168: (NUMBER, 240010),
                234: (NUMBER, 10),
                235: (NUMBER, 10),
                1001: (NUMBER, 19088743),
                1005: (NUMBER, 1537),
                1010: (NUMBER, 23456789),
            },
        ),
    )
}
"""The models by name. 99 and 369 are 0 on all of them: no info code is active."""
