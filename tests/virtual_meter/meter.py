"""A meter as a function: request frame in, reply frame out. No I/O, no waiting."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from meter_log import codec, readout
from meter_log.codec import Direction, Frame, Reading
from meter_log.readout import Column

from .logs import MeterLog
from .logs import answer as answer_from
from .models import MODELS, PER_BASE_UNIT, Model
from .past import Counter, past_logs
from .physics import BEGIN, Simulation

#: Volume for each kWh in the past, at the temperatures of a house.
LITRES_PER_KWH = 26


@dataclass(frozen=True, slots=True)
class Answer:
    """What a meter does with one request.

    reply: the frame, or None for silence. readings: what a GetRegister reply carries, in order.
    silence: why there is no reply, empty if there is one.
    """

    request: bytes
    reply: bytes | None
    readings: tuple[Reading, ...] = ()
    silence: str = ""


class VirtualMeter:
    """A simulated meter.

    model: can be replaced by another one. delay: seconds from the end of a request to its reply;
    only a line uses it. overrides: values by register that replace the simulated ones, in the
    register's unit and sent with exactly their digits.
    """

    def __init__(
        self,
        model: str | Model,
        *,
        delay: float = 0.0,
        speed: float = 1.0,
        seed: int = 1,
        begin: datetime = BEGIN,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Switch the meter on.

        model: can also be the name of one of the `MODELS`. speed: seconds of the meter's time per
        second of `clock`. seed: a different one gives a different course. begin: its clock's time.
        """
        self.model = MODELS[model] if isinstance(model, str) else model
        self.delay = delay
        self.overrides: dict[int, Decimal] = {}
        self._speed = speed
        self._clock = clock
        self._switched_on = clock()
        self._simulation = Simulation(seed, begin)
        self._begin = begin

    @cached_property
    def logs(self) -> dict[int, MeterLog]:
        """What it had stored when it was switched on; can be replaced."""
        if not self.model.has_logs:
            return {}
        counters: list[Counter] = []
        for number, used_per_kwh in ((60, 1000), (68, LITRES_PER_KWH)):
            (now,) = self.readings(number)
            exponent = now.value.as_tuple().exponent
            assert isinstance(exponent, int)
            per_kwh = used_per_kwh * float(PER_BASE_UNIT[now.unit]) * 10**-exponent
            sign_exponent = 0x40 | -exponent if exponent else 0
            column = Column(number, now.unit, 4, sign_exponent)
            counters.append(Counter(column, int(now.value.scaleb(-exponent)), per_kwh))
        return past_logs(self._begin, counters)

    def readings(self, *registers: int) -> tuple[Reading, ...]:
        """Return what these registers show now, without those that the meter does not have."""
        values = self._simulation.values((self._clock() - self._switched_on) * self._speed)
        readings: list[Reading] = []
        for number in registers:
            if fixed := self.model.fixed.get(number):
                unit, value, size = fixed.unit, Decimal(fixed.value), fixed.size
            elif row := self.model.register(number):
                unit, size = row.unit, row.size
                if isinstance(row.source, Decimal):
                    value = row.source
                else:
                    shown = values[row.source] * Fraction(row.percent, 100)
                    shown *= PER_BASE_UNIT.get(unit, 1) * 10**row.decimals
                    # Rounded down, so that a counter never shows what has not happened yet.
                    value = Decimal(math.floor(shown)).scaleb(-row.decimals)
            else:
                continue
            readings.append(Reading(number, unit, self.overrides.get(number, value), size))
        return tuple(readings)

    def answer(self, request: bytes) -> Answer:
        """Answer a whole request frame; silence answers anything that a meter would ignore."""
        try:
            frame = codec.decode_frame(Direction.TO_METER, request)
        except codec.CodecError as error:
            return Answer(request, None, silence=str(error))
        if frame.address != codec.METER_ADDRESS:
            return Answer(request, None, silence=f"address {frame.address:02X} is not mine")
        readings: tuple[Reading, ...] = ()
        match frame.command, frame.data:
            case codec.GET_TYPE, b"":
                data = self.model.type_code.to_bytes(2) + self.model.revision.to_bytes(2)
            case codec.GET_SERIAL, b"":
                data = self.model.fixed[1001].value.to_bytes(4)
            case codec.GET_REGISTER, asked if _is_register_list(asked):
                numbers = [int.from_bytes(asked[i : i + 2]) for i in range(1, len(asked), 2)]
                readings = self.readings(*numbers)
                data = codec.encode_readings(readings)
            case readout.COMMAND, asked if (kept := answer_from(self.logs, asked)) is not None:
                data = kept
            case _:
                return Answer(request, None, silence=f"no answer to {frame}")
        reply = Frame(frame.address, frame.command, data)
        return Answer(request, codec.encode_frame(Direction.FROM_METER, reply), readings)


def _is_register_list(data: bytes) -> bool:
    return len(data) > 0 and 1 <= data[0] <= codec.MAX_REGISTERS and len(data) == 1 + 2 * data[0]
