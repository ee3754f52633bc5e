"""The heat that flows through a virtual meter, computed exactly.

Time runs in steps of ten seconds, as a meter integrates. Within a step flow and temperatures are
what the display shows (whole l/h, hundredths of a degree), and every counter adds what these
values make in ten seconds, as integers. So nothing depends on when or how often it is read,
counters never fall, and power, flow, temperatures and energy agree to the last digit.

All numbers in here are invented; only the relations between them matter.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from math import pi, sin
from random import Random

type Number = int | Fraction

STEP = 10
"""Seconds of the meter's time between two integrations."""

HEAT_CAPACITY = Fraction(1163, 1000)
"""Wh per litre and kelvin, of cold water; a real meter corrects it for the temperature."""

ROLL_OVER = 10_000_000
"""Wh at which the high resolution counters 266 and 267 start again from 0.

Derived from one reading of a MULTICAL 403: 6 655 807 Wh while E1 was close to 60 GJ.
"""

# Each value swings around its mean by sines of (amplitude, period in seconds), with a phase from
# the seed. Units: l/h, 0.01 degrees Celsius, 0.01 bar. The amplitudes keep T1 > T2 > T3 > T4 and
# the flow above 0, so that every energy grows.
WAVES: dict[str, tuple[int, tuple[tuple[int, int], ...]]] = {
    "flow": (240, ((80, 86_400), (40, 9_000), (6, 600))),
    "supply_temperature": (6_800, ((350, 86_400), (120, 5_400), (15, 300))),
    "return_temperature": (3_800, ((200, 86_400), (150, 7_200), (10, 420))),
    "temperature_3": (1_400, ((120, 43_200),)),
    "temperature_4": (900, ((80, 43_200),)),
    "pressure_1": (620, ((25, 3_600),)),
    "pressure_2": (410, ((20, 3_600),)),
}

PERIODS = {"year": "%Y", "month": "%Y%m", "day": "%Y%m%d", "hour": "%Y%m%d%H"}
"""The spans that have peaks and averages, and what of a time tells them apart."""

HEAT_PUMP = {
    "cop": Fraction(345, 100),
    "cop_month": Fraction(331, 100),
    "cop_year": Fraction(318, 100),
}
"""What a heat pump gives for one unit of electricity, now and on average."""

# What the second flow sensor does not see, l/h.
LEAK = 2

# Energy = flow * (hot - cold). The formulas of E4 to E7 depend on a real meter's program; these
# are simplified.
ENERGIES = {
    "heat_energy": ("flow", "supply_temperature", "return_temperature"),
    "energy_e2": ("flow_2", "supply_temperature", "return_temperature"),
    "energy_e4": ("flow", "supply_temperature", "temperature_3"),
    "energy_e5": ("flow_2", "return_temperature", "temperature_3"),
    "energy_e6": ("flow_2", "temperature_3", "temperature_4"),
    "energy_e7": ("flow_2", "supply_temperature", "temperature_3"),
}

# Volume times temperature, the meters' E8 and E9.
VOLUME_TEMPERATURES = {
    "volume_temperature_supply": "supply_temperature",
    "volume_temperature_return": "return_temperature",
}

# E1 is counted in a tariff register as well while the flow is above its limit in l/h.
TARIFFS = {"tariff_2": 200, "tariff_3": 300, "tariff_4": 250}

# Parts of E1 that are counted once more.
SHARES = {"discount_energy": Fraction(3, 4), "surcharge_energy": Fraction(1, 4)}

# What the meter shows when it is switched on. Wh, litres, m3 x degrees, hours, days.
# Heat energy stands 12 kWh before the high resolution counter rolls over.
START = {
    "heat_energy": 59_987_654,
    "cooling_energy": 1_234_567,
    "energy_e2": 59_400_000,
    "energy_e4": 98_000_000,
    "energy_e5": 43_500_000,
    "energy_e6": 9_100_000,
    "energy_e7": 97_000_000,
    "tariff_2": 31_000_000,
    "tariff_3": 7_700_000,
    "tariff_4": 19_000_000,
    "discount_energy": 11_000_000,
    "surcharge_energy": 3_000_000,
    "volume": 1_612_345,
    "volume_2": 1_599_876,
    "volume_temperature_supply": 109_639,
    "volume_temperature_return": 61_269,
    "input_a": 345_670,
    "input_b": 98_760,
    "input_b_energy": 4_321_000,
    "input_a2": 12_340,
    "input_b2": 6_780,
    "operating_hours": 21_477,
    "error_hours": 3,
    "info": 0,
    "info_event_count": 2,
    "battery_days_left": 3_210,
}

# One pulse of an input: seconds between pulses, and what each adds (litres or Wh).
INPUTS = {
    "input_a": (420, 10),
    "input_b": (1_500, 10),
    "input_b_energy": (900, 1_000),
    "input_a2": (660, 10),
    "input_b2": (2_100, 10),
}

# Kilograms per litre at about 68 and 38 degrees.
DENSITIES = {
    "mass": ("volume", Fraction(979, 1000)),
    "mass_2": ("volume_2", Fraction(993, 1000)),
}


@dataclass(slots=True)
class Peak:
    """An extreme of a period, in l/h or in l/h x 0.01 K, and when it was seen."""

    value: int
    seen: datetime


class Period:
    """The peaks and average temperatures of a year, a month, a day or an hour."""

    def __init__(
        self, name: str, begin: datetime, low: tuple[int, int], high: tuple[int, int]
    ) -> None:
        """Begin with the lowest and highest (flow, power) so far. name: the year or month …."""
        self.name = name
        self.low = [Peak(value, begin) for value in low]
        self.high = [Peak(value, begin) for value in high]
        self.sums = [0, 0]
        self.steps = 0

    def add(self, seen: datetime, now: tuple[int, int], temperatures: tuple[int, int]) -> None:
        """Take one step's (flow, power) and (T1, T2)."""
        for low, high, value in zip(self.low, self.high, now, strict=True):
            if value < low.value:
                low.value, low.seen = value, seen
            if value > high.value:
                high.value, high.seen = value, seen
        self.sums[0] += temperatures[0]
        self.sums[1] += temperatures[1]
        self.steps += 1


class Simulation:
    """A heat meter's physics from `start` on; the same seed gives the same course."""

    def __init__(self, seed: int, start: datetime) -> None:
        """Stand at the first step. seed: any integer. start: what the meter's clock shows."""
        random = Random(seed)
        self._start = start
        self._waves = [
            (name, mean, [(a, 2 * pi / p, random.uniform(0, 2 * pi)) for a, p in sines])
            for name, (mean, sines) in WAVES.items()
        ]
        self._sums: Counter[str] = Counter()
        self._now: dict[str, int] = {}
        self._step = 0
        self._elapsed = 0.0
        # Peaks of the time before the simulation, so that they differ from the present.
        morning = start.replace(hour=6, minute=30, second=0)
        past = (
            (morning.replace(month=1, day=1), (40, 40 * 2000), (520, 520 * 3900)),
            (morning.replace(day=1), (60, 60 * 2100), (440, 440 * 3800)),
            (start, (90, 90 * 2200), (400, 400 * 3700)),
            (start, (90, 90 * 2200), (400, 400 * 3700)),
        )
        self._periods = {
            span: Period(start.strftime(form), begin, low, high)
            for (span, form), (begin, low, high) in zip(PERIODS.items(), past, strict=True)
        }
        self._enter()

    def advance(self, elapsed: float) -> None:
        """Let time pass until `elapsed` seconds after the start; never backwards.

        Takes roughly 0.1 s of computing for each day that passes.
        """
        self._elapsed = max(elapsed, self._elapsed)
        while (self._step + 1) * STEP <= self._elapsed:
            self._integrate()
            self._step += 1
            self._enter()

    def values(self) -> dict[str, Number]:
        """Return all quantities by name, exact.

        Units: Wh, W, litres, l/h, kg, degrees Celsius, K, bar, m3 x degrees, hours, days. Clock
        and dates are the decimal numbers hhmmss and yymmdd; `datetime` is the seven bytes DST
        minutes, YY, MM, DD, hh, mm, ss as one number.
        """
        now, sums = self._now, self._sums
        values: dict[str, Number] = dict(START)
        for name in (*ENERGIES, *TARIFFS):
            values[name] += sums[name] * HEAT_CAPACITY * STEP / (3600 * 100)
        for name in VOLUME_TEMPERATURES:
            values[name] += Fraction(sums[name] * STEP, 3600 * 100 * 1000)
        for volume, flow in (("volume", "flow"), ("volume_2", "flow_2")):
            values[volume] += Fraction(sums[flow] * STEP, 3600)
            values[flow] = now[flow]
        for mass, (volume, density) in DENSITIES.items():
            values[mass] = values[volume] * density
        for name, (seconds, pulse) in INPUTS.items():
            values[name] += int(self._elapsed) // seconds * pulse
        for energy in ("heat_energy", "cooling_energy"):
            values[f"{energy}_rolling"] = values[energy] % ROLL_OVER
        for name in WAVES.keys() - {"flow"}:
            values[name] = Fraction(now[name], 100)
        supply, back = values["supply_temperature"], values["return_temperature"]
        values["temperature_difference"] = supply - back
        values["power"] = _watts(self._power())
        values |= HEAT_PUMP
        values["input_b_power"] = values["power"] / HEAT_PUMP["cop"]
        for name, share in SHARES.items():
            values[name] += (values["heat_energy"] - START["heat_energy"]) * share
        values["operating_hours"] += Fraction(int(self._elapsed), 3600)
        values["battery_days_left"] -= Fraction(int(self._elapsed), 86_400)
        values |= {f"{name}_limit": limit for name, limit in TARIFFS.items()}
        return values | self._period_values() | self._time_values()

    def _enter(self) -> None:
        """Measure: set what the display shows during the present step."""
        t = self._step * STEP
        now = self._now
        for name, mean, sines in self._waves:
            now[name] = round(mean + sum(a * sin(w * t + phase) for a, w, phase in sines))
        now["flow_2"] = now["flow"] - LEAK

        seen = self._start + timedelta(seconds=t)
        present = (now["flow"], self._power())
        temperatures = (now["supply_temperature"], now["return_temperature"])
        for span, form in PERIODS.items():
            if (name := seen.strftime(form)) != self._periods[span].name:
                self._periods[span] = Period(name, seen, present, present)
            self._periods[span].add(seen, present, temperatures)

    def _integrate(self) -> None:
        """Count what passed during the present step."""
        now, sums = self._now, self._sums
        for name, (flow, hot, cold) in ENERGIES.items():
            sums[name] += now[flow] * (now[hot] - now[cold])
        for name, temperature in VOLUME_TEMPERATURES.items():
            sums[name] += now["flow"] * now[temperature]
        for name, limit in TARIFFS.items():
            if now["flow"] > limit:
                sums[name] += self._power()
        sums["flow"] += now["flow"]
        sums["flow_2"] += now["flow_2"]

    def _power(self) -> int:
        """Present power in l/h x 0.01 K."""
        now = self._now
        return now["flow"] * (now["supply_temperature"] - now["return_temperature"])

    def _period_values(self) -> dict[str, Number]:
        values: dict[str, Number] = {}
        for span, period in self._periods.items():
            for kind, peaks in (("max", period.high), ("min", period.low)):
                flow, power = peaks
                values[f"{kind}_flow_{span}"] = flow.value
                values[f"{kind}_power_{span}"] = _watts(power.value)
                for name, peak in (("flow", flow), ("power", power)):
                    values[f"{kind}_{name}_{span}_date"] = _yymmdd(peak.seen)
                    values[f"{kind}_{name}_{span}_time"] = _hhmmss(peak.seen)
            for name, total in zip(("supply", "return"), period.sums, strict=True):
                average = Fraction(total, 100 * period.steps)
                values[f"average_{name}_temperature_{span}"] = average
        return values

    def _time_values(self) -> dict[str, Number]:
        t = self._start + timedelta(seconds=int(self._elapsed))
        seven = bytes((0, t.year % 100, t.month, t.day, t.hour, t.minute, t.second))
        return {
            "clock": _hhmmss(t),
            "date": _yymmdd(t),
            "datetime": int.from_bytes(seven),
        }


def _watts(power: int) -> Fraction:
    return power * HEAT_CAPACITY / 100


def _yymmdd(day: datetime) -> int:
    return day.year % 100 * 10_000 + day.month * 100 + day.day


def _hhmmss(time: datetime) -> int:
    return time.hour * 10_000 + time.minute * 100 + time.second
