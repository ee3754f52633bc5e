"""The meters, as tables: which registers they have, in which unit, size and resolution.

The component's catalogue says which registers a meter has; this module says what they show. The
forms of single values (2-byte temperatures, 3 decimals of MWh, 7-byte date and time, 12 characters
of text) are as captured where a capture is known; everything else, and every serial and customer
number, is invented.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple, Self

from multical.registers import REGISTERS as CATALOGUE
from multical.registers import NumericRegister

# Unit bytes of the protocol.
WH, KWH, MWH, GJ = 1, 2, 3, 8
KILOWATT = 22
CELSIUS, KELVIN = 37, 38
CUBIC_METRE, LITRE_PER_HOUR, CUBIC_METRE_CELSIUS, TON = 40, 41, 43, 44
HOUR, CLOCK, DATE, MONTH_DAY, NUMBER, BAR = 46, 47, 48, 50, 51, 52
TEXT, MINUTE, BITFIELD, DAY, LITRE_PER_PULSE, DATETIME = 54, 58, 59, 62, 66, 79

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
    """Form and source of one register's value.

    unit: unit byte. decimals: digits after the point, 0..63. source: name of the simulated
    quantity, or a constant value. size: mantissa bytes. percent: how much of the quantity.
    """

    unit: int
    decimals: int
    source: str | Decimal
    size: int = 4
    percent: int | Fraction = 100


class Fixed(NamedTuple):
    """A register that never changes: unit byte, value without decimals, mantissa bytes."""

    unit: int
    value: int
    size: int = 4

    @classmethod
    def text(cls, text: str) -> Self:
        """Return a register that holds text."""
        return cls(TEXT, int.from_bytes(text.encode("ascii")), len(text))


# Register of a peak's day, with its value in the next one, and register of its time; the unit and
# digits of the value; value, day and time. No simulated value exceeds them.
_PEAKS = (
    (123, 383, LITRE_PER_HOUR, 0, "520", 260_101, 63_000),
    (125, 384, LITRE_PER_HOUR, 0, "40", 260_102, 1_510),
    (127, 385, KILOWATT, 1, "23.5", 260_103, 70_520),
    (129, 386, KILOWATT, 1, "0.9", 260_104, 21_030),
    (138, 387, LITRE_PER_HOUR, 0, "440", 260_105, 64_540),
    (140, 388, LITRE_PER_HOUR, 0, "60", 260_106, 2_050),
    (142, 389, KILOWATT, 1, "19.4", 260_107, 72_100),
    (144, 390, KILOWATT, 1, "1.4", 260_108, 22_610),
)

REGISTERS: Mapping[int, Register] = {
    60: Register(ENERGY, 0, "heat_energy"),
    61: Register(ENERGY, 0, "heat_energy", percent=163),
    62: Register(ENERGY, 0, "heat_energy", percent=73),
    63: Register(ENERGY, 0, "cooling_energy"),
    64: Register(ENERGY, 0, "heat_energy", percent=52),
    65: Register(ENERGY, 0, "heat_energy", percent=13),
    66: Register(LITRE_PER_HOUR, 0, Decimal(200)),
    67: Register(LITRE_PER_HOUR, 0, Decimal(300)),
    68: Register(CUBIC_METRE, 2, "volume"),
    69: Register(CUBIC_METRE, 2, "volume", percent=99),
    72: Register(TON, 2, "volume", percent=98),
    73: Register(TON, 2, "volume", percent=97),
    74: Register(LITRE_PER_HOUR, 0, "flow"),
    75: Register(LITRE_PER_HOUR, 0, "flow", percent=98),
    80: Register(KILOWATT, 1, "power"),
    84: Register(CUBIC_METRE, 2, Decimal("345.67")),
    85: Register(CUBIC_METRE, 2, Decimal("98.76")),
    86: Register(CELSIUS, 2, "supply_temperature"),
    87: Register(CELSIUS, 2, "return_temperature"),
    88: Register(CELSIUS, 2, Decimal("14.07")),
    89: Register(KELVIN, 2, "temperature_difference"),
    91: Register(BAR, 2, Decimal("6.21")),
    92: Register(BAR, 2, Decimal("4.08")),
    94: Register(ENERGY, 0, "heat_energy", percent=99),
    95: Register(ENERGY, 0, "heat_energy", percent=15),
    96: Register(ENERGY, 0, "heat_energy", percent=161),
    97: Register(CUBIC_METRE_CELSIUS, 0, "volume", percent=Fraction("6.8")),
    99: Register(NUMBER, 0, Decimal(0)),
    110: Register(CUBIC_METRE_CELSIUS, 0, "volume", percent=Fraction("3.8")),
    113: Register(NUMBER, 0, Decimal(2)),
    122: Register(CELSIUS, 2, Decimal("8.95")),
    **{first: Register(DATE, 0, Decimal(day)) for first, *_, day, _ in _PEAKS},
    **{first + 1: Register(unit, n, Decimal(value)) for first, _, unit, n, value, *_ in _PEAKS},
    **{number: Register(CLOCK, 0, Decimal(time)) for _, number, *_, time in _PEAKS},
    146: Register(CELSIUS, 2, Decimal("67.12")),
    147: Register(CELSIUS, 2, Decimal("37.45")),
    149: Register(CELSIUS, 2, Decimal("69.34")),
    150: Register(CELSIUS, 2, Decimal("38.67")),
    # 0.1 Wh steps as captured from a 602; where it rolls over is not known, 10 MWh is assumed.
    155: Register(WH, 1, "heat_energy_rolling"),
    175: Register(HOUR, 0, Decimal(3)),
    178: Register(ENERGY, 0, "heat_energy", percent=163),
    179: Register(ENERGY, 0, "heat_energy", percent=99),
    180: Register(CUBIC_METRE, 2, "volume"),
    181: Register(CUBIC_METRE, 2, "volume", percent=99),
    224: Register(CUBIC_METRE, 2, Decimal("12.34")),
    225: Register(CUBIC_METRE, 2, Decimal("6.78")),
    229: Register(CELSIUS, 2, Decimal("71.01")),
    230: Register(CELSIUS, 2, Decimal("35.12")),
    239: Register(CUBIC_METRE, 3, "volume"),
    241: Register(LITRE_PER_HOUR, 0, Decimal(400)),
    242: Register(LITRE_PER_HOUR, 0, Decimal(90)),
    266: Register(WH, 0, "heat_energy_rolling"),
    267: Register(WH, 0, "cooling_energy_rolling"),
    348: Register(DATETIME, 0, "datetime", size=7),
    355: Register(NUMBER, 2, Decimal("3.18")),
    362: Register(ENERGY, 0, "heat_energy", percent=32),
    364: Register(ENERGY, 0, "heat_energy", percent=18),
    365: Register(ENERGY, 0, "heat_energy", percent=5),
    367: Register(NUMBER, 2, Decimal("3.31")),
    369: Register(BITFIELD, 0, Decimal(0)),
    371: Register(NUMBER, 2, Decimal("3.45")),
    372: Register(KILOWATT, 1, "power", percent=29),
    379: Register(CELSIUS, 2, Decimal("70.56")),
    380: Register(CELSIUS, 2, Decimal("35.89")),
    381: Register(CELSIUS, 2, Decimal("71.01")),
    382: Register(CELSIUS, 2, Decimal("35.12")),
    473: Register(CUBIC_METRE_CELSIUS, 0, "volume", percent=Fraction("6.8")),
    474: Register(CUBIC_METRE_CELSIUS, 0, "volume", percent=Fraction("3.8")),
    582: Register(DAY, 0, "battery_days_left"),
    1002: Register(CLOCK, 0, "clock"),
    1003: Register(DATE, 0, "date"),
    1004: Register(HOUR, 0, "operating_hours"),
}
"""All registers that have a form of their own, with 4-byte values unless a model says otherwise."""

FIXED: Mapping[int, Fixed] = {
    98: Fixed(MONTH_DAY, 1231),
    234: Fixed(LITRE_PER_PULSE, 10),
    235: Fixed(LITRE_PER_PULSE, 10),
    243: Fixed(CUBIC_METRE, 0),
    254: Fixed.text("403W12345678"),
    268: Fixed(MINUTE, 60),
    327: Fixed(MONTH_DAY, 1231),
    328: Fixed(MONTH_DAY, 630),
    338: Fixed(BITFIELD, 0),
    366: Fixed(CELSIUS, 40),
    1005: Fixed(NUMBER, 20316),
}
"""The other ones, the same on every model that does not say otherwise."""


@dataclass(frozen=True)
class Model:
    """One kind of meter.

    type_code and revision: the two 16-bit numbers of a GetType reply. energy: unit byte and
    decimals of its energy registers. simulated: its registers from `REGISTERS`. fixed: all its
    others. sizes: mantissa bytes by unit byte, if not 4. replaced: registers that differ from
    their row in `REGISTERS`.
    """

    name: str
    description: str
    type_code: int
    revision: int
    energy: tuple[int, int]
    simulated: tuple[int, ...]
    fixed: Mapping[int, Fixed]
    sizes: Mapping[int, int] = field(default_factory=dict)
    replaced: Mapping[int, Register] = field(default_factory=dict)

    def register(self, number: int) -> Register | None:
        """Return the form of a simulated register, or None if the model does not have it."""
        if number not in self.simulated:
            return None
        row = self.replaced.get(number) or REGISTERS[number]
        unit, decimals = self.energy if row.unit == ENERGY else (row.unit, row.decimals)
        size = self.sizes.get(unit, row.size)
        return replace(row, unit=unit, decimals=decimals, size=size)

    @property
    def has_logs(self) -> bool:
        """Tell whether it answers LoggerReadOut: seen on 303 and 603, expected on 403 and 803."""
        return self.name[:3] in ("303", "403", "603", "803")

    @property
    def numbers(self) -> tuple[int, ...]:
        """All registers that the model answers, ascending."""
        return tuple(sorted((*self.simulated, *self.fixed)))


def _model(family: str, *, fixed: Mapping[int, Fixed], **more: Any) -> Model:
    """Return a model with the registers that the catalogue knows for its family.

    fixed: values for this meter only. A register without a value here shows its own number.
    """
    rows = [row for row in CATALOGUE if family in row.meters]
    simulated = tuple(row.number for row in rows if row.number in REGISTERS)
    constant = {**FIXED, **fixed}
    rest: dict[int, Fixed] = {}
    for row in rows:
        if row.number not in REGISTERS:
            unit = row.unit.number if isinstance(row, NumericRegister) and row.unit else NUMBER
            rest[row.number] = constant.get(row.number) or Fixed(unit, row.number)
    return Model(simulated=simulated, fixed=rest, **more)


def _identity(serial: int, customer: tuple[int, int]) -> dict[int, Fixed]:
    high, low = customer
    return {
        112: Fixed(NUMBER, high),
        1001: Fixed(NUMBER, serial),
        1010: Fixed(NUMBER, low),
    }


# A pulse input may also count an electricity meter.
_INPUT_B_KWH = {85: Register(KWH, 0, "heat_energy", percent=7)}

MODELS: Mapping[str, Model] = {
    model.name: model
    for model in (
        _model(
            "403",
            name="403-kwh",
            description="MULTICAL 403, energy in kWh",
            # The real GetType values of a 403 are not known: both are invented.
            type_code=0x0403,
            revision=0x0203,
            # The resolution of CCC code 119 (qp 1.5), the one its user guide shows.
            energy=(KWH, 0),
            fixed=_identity(80713078, (0, 403117)),
            replaced=_INPUT_B_KWH,
        ),
        _model(
            "403",
            name="403-gj",
            description="MULTICAL 403, energy in GJ",
            # Invented. A revision of 0000 makes the reader ask for register 1005, as the author of
            # PyKMP says about his 403.
            type_code=0x0403,
            revision=0x0000,
            energy=(GJ, 3),
            fixed=_identity(67208341, (12345678, 90))
            | {98: Fixed(MONTH_DAY, 531), 1005: Fixed(NUMBER, 20511)},
        ),
        _model(
            "602",
            name="602",
            description="MULTICAL 602, energy in MWh, short values as captured",
            # The real GetType values of a 602 are not known: both are invented.
            type_code=0x0602,
            revision=0x0A05,
            energy=(MWH, 3),
            fixed=_identity(6892850, (4711, 815))
            | {98: Fixed(MONTH_DAY, 630), 1005: Fixed(NUMBER, 10507)},
            sizes={CELSIUS: 2, KELVIN: 2, KILOWATT: 2, LITRE_PER_HOUR: 2},
        ),
        _model(
            "601",
            name="601",
            description="MULTICAL 601, energy in GJ, all its documented registers",
            # Documented: a 601 with Pt100 sensors and software F1.
            type_code=0x0004,
            revision=0x0601,
            energy=(GJ, 2),
            fixed=_identity(19088743, (1, 23456789)) | {1005: Fixed(NUMBER, 1537)},
        ),
        _model(
            "603",
            name="603",
            description="MULTICAL 603, energy in MWh, with a heat pump's registers",
            # Invented.
            type_code=0x0603,
            revision=0x0102,
            energy=(MWH, 2),
            fixed=_identity(60300017, (0, 12345678))
            | {254: Fixed.text("603C21234567"), 1005: Fixed(NUMBER, 10203)},
        ),
    )
}
"""The models by name. 99 and 369 are 0 on all of them: no info code is active."""
