"""The heat that flows through a virtual meter, calculated exactly.

Time runs in steps of ten seconds, as a meter integrates. Within a step, flow and temperatures are
what the display shows (whole l/h, hundredths of a degree), and energy and volume grow by what these
values make in ten seconds, as integers. So nothing depends on when or how often it is read,
counters never fall, and power, flow, temperatures and energy agree to the last digit.

All numbers here are invented; only the relations between them matter.
"""

from datetime import datetime, timedelta
from fractions import Fraction
from math import pi, sin
from random import Random

type Number = int | Fraction

STEP = 10
"""Seconds of the meter's time between two integrations."""

BEGIN = datetime(2026, 1, 15, 12, 0, 0)
"""What the meter's clock shows at first."""

HEAT_CAPACITY = Fraction(1163, 1000)
"""Wh per litre and kelvin, of cold water; a real meter corrects it for the temperature."""

ROLL_OVER = 10_000_000
"""Wh at which the high resolution counters 266 and 267 start again from 0.

Derived from one reading of a MULTICAL 403: 6 655 807 Wh while E1 was close to 60 GJ.
"""

# Each value swings around its mean by sines of (amplitude, period in seconds), with a phase from
# the seed. Units: l/h, 0.01 degrees Celsius. The amplitudes keep T1 > T2 and the flow
# above 0, so that the energy grows.
WAVES: dict[str, tuple[int, tuple[tuple[int, int], ...]]] = {
    "flow": (240, ((80, 86_400), (40, 9_000), (6, 600))),
    "supply_temperature": (6_800, ((350, 86_400), (120, 5_400), (15, 300))),
    "return_temperature": (3_800, ((200, 86_400), (150, 7_200), (10, 420))),
}

# What the meter shows when it is switched on: Wh, litres, hours, days. Heat energy is 12 kWh
# short of the high resolution counter's rollover.
HEAT_ENERGY = 59_987_654
COOLING_ENERGY = 1_234_567
VOLUME = 1_612_345
OPERATING_HOURS = 21_477
BATTERY_DAYS = 3_210


class Simulation:
    """A heat meter's physics; the same seed gives the same course."""

    def __init__(self, seed: int, begin: datetime = BEGIN) -> None:
        """Start at the first step. seed: any integer. begin: the clock's first time."""
        self._begin = begin
        random = Random(seed)
        self._waves = [
            (name, mean, [(a, 2 * pi / p, random.uniform(0, 2 * pi)) for a, p in sines])
            for name, (mean, sines) in WAVES.items()
        ]
        self._step = 0
        self._energy = 0
        self._volume = 0
        self._now: dict[str, int] = {}
        self._measure()

    def values(self, elapsed: float) -> dict[str, Number]:
        """Return all quantities by name, exact, `elapsed` seconds after the start.

        Time never goes backwards; each day that passes takes roughly 0.1 s of computing. Units: Wh,
        W, litres, l/h, degrees Celsius, K, hours, days. Clock and date are the decimal numbers
        hhmmss and yymmdd; `datetime` is the seven bytes DST minutes, YY, MM, DD, hh, mm, ss as one
        number.
        """
        while (self._step + 1) * STEP <= elapsed:
            self._energy += self._power()
            self._volume += self._now["flow"]
            self._step += 1
            self._measure()
        heat_energy = HEAT_ENERGY + self._energy * HEAT_CAPACITY * STEP / (3600 * 100)
        supply = Fraction(self._now["supply_temperature"], 100)
        back = Fraction(self._now["return_temperature"], 100)
        time = self._begin + timedelta(seconds=int(elapsed))
        year = time.year % 100
        seven = (0, year, time.month, time.day, time.hour, time.minute, time.second)
        return {
            "heat_energy": heat_energy,
            "heat_energy_rolling": heat_energy % ROLL_OVER,
            "cooling_energy": COOLING_ENERGY,
            "cooling_energy_rolling": COOLING_ENERGY % ROLL_OVER,
            "volume": VOLUME + Fraction(self._volume * STEP, 3600),
            "flow": self._now["flow"],
            "power": self._power() * HEAT_CAPACITY / 100,
            "supply_temperature": supply,
            "return_temperature": back,
            "temperature_difference": supply - back,
            "operating_hours": OPERATING_HOURS + Fraction(int(elapsed), 3600),
            "battery_days_left": BATTERY_DAYS - Fraction(int(elapsed), 86_400),
            "date": int(f"{time:%y%m%d}"),
            "clock": int(f"{time:%H%M%S}"),
            "datetime": int.from_bytes(bytes(seven)),
        }

    def _measure(self) -> None:
        """Set what the display shows during the current step."""
        t = self._step * STEP
        for name, mean, sines in self._waves:
            self._now[name] = round(mean + sum(a * sin(w * t + phase) for a, w, phase in sines))

    def _power(self) -> int:
        """Current power in l/h x 0.01 K."""
        now = self._now
        return now["flow"] * (now["supply_temperature"] - now["return_temperature"])
