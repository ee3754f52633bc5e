"""The faults of one line: which strike a request, and what they make of its reply."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from random import Random

from .codec import Reading
from .faults import FAULTS, Fault, Heard


@dataclass(order=True, slots=True)
class _Stray:
    """The next byte of a fault that sends some without any request."""

    at: float
    order: int
    value: int
    following: Iterator[tuple[float, int]]


class Troubles:
    """Faults, their dice and what they have to remember.

    The same seed and the same requests give the same strikes. faults: as given. All times are
    seconds of the line's clock.
    """

    def __init__(self, seed: int, now: float) -> None:
        """Begin without any fault, with a meter that is awake."""
        self.faults: tuple[Fault, ...] = ()
        self._random = Random(seed)
        # How many bytes come without a request depends on the time; so they have their own dice.
        self._stray_random = Random(f"strays {seed}")
        self._awake_at = now
        self._shown: set[int] = set()
        self._spent: set[Fault] = set()
        self._drawn: list[Fault] = []
        self._struck: list[Fault] = []
        self._strays: list[_Stray] = []

    def switch(self, faults: tuple[Fault, ...], now: float) -> None:
        """Have these faults from now on; those that strike once may strike again."""
        self.faults = faults
        self._spent.clear()
        self._strays.clear()
        for order, fault in enumerate(faults):
            if fault.kind.strays is not None and fault.probability:
                self._queue(order, now, fault.kind.strays(self._stray_random, fault.value))
        self.draw()

    def wake(self, now: float) -> None:
        """Press a key of the meter."""
        self._awake_at = now

    def draw(self) -> None:
        """Decide which faults strike the request that begins."""
        order = list(FAULTS)
        drawn = [fault for fault in self.faults if self._random.random() < fault.probability]
        self._drawn = sorted(drawn, key=lambda fault: order.index(fault.name))
        self._struck = [fault for fault in self._drawn if fault.kind.echoes]

    @property
    def struck(self) -> str:
        """The names of the faults that have had an effect on this request, with commas."""
        names = {fault.name for fault in self._struck}
        return ",".join(name for name in FAULTS if name in names)

    @property
    def echoes(self) -> bool:
        """Whether the head returns this request."""
        return any(fault.kind.echoes for fault in self._drawn)

    @property
    def unplugs(self) -> bool:
        """Whether the port goes away after this request."""
        return any(fault.kind.unplugs for fault in self._struck)

    def silence(self, request: bytes, start: float, end: float) -> str:
        """Return why this request is not answered; empty if no fault is the reason."""
        heard = Heard(request, start - self._awake_at)
        for fault in self._drawn:
            reason = fault.kind.silences(heard, fault.value) if fault.kind.silences else ""
            if reason:
                self._struck.append(fault)
                break
        else:
            reason = ""
        # A meter that is asleep does not hear that it is asked.
        if not any(fault.name == "asleep" for fault in self._struck):
            self._awake_at = end
        return reason

    def delay(self, delay: float) -> float:
        """Return how many seconds after the request the reply begins, `delay` or more."""
        for fault in self._drawn:
            if fault.kind.is_late or fault.kind.is_slow:
                self._struck.append(fault)
                latest = max(delay, fault.value)
                delay = latest if fault.kind.is_slow else self._random.uniform(delay, latest)
        return delay

    def corrupt(self, reply: bytes, readings: Sequence[Reading]) -> bytes:
        """Return what goes over the line instead of a reply that carries these readings."""
        sent = reply
        for fault in self._drawn:
            corrupts = fault.kind.corrupts
            if corrupts is None or not sent or (fault.kind.once and not self._may_strike(fault)):
                continue
            before, sent = sent, corrupts(sent, self._random, fault.value)
            if sent != before:
                self._struck.append(fault)
                if fault.kind.once:
                    self._spent.add(fault)
        if reply in sent:
            self._shown |= {reading.register for reading in readings}
        return sent

    @property
    def next_stray(self) -> float | None:
        """When the next byte comes without a request; None if never."""
        return self._strays[0].at if self._strays else None

    def take_stray(self) -> int:
        """Return this byte, and prepare the next one."""
        stray = heappop(self._strays)
        self._queue(stray.order, stray.at, stray.following)
        return stray.value

    def _queue(self, order: int, now: float, following: Iterator[tuple[float, int]]) -> None:
        if (stray := next(following, None)) is not None:
            seconds, value = stray
            heappush(self._strays, _Stray(now + seconds, order, value, following))

    def _may_strike(self, fault: Fault) -> bool:
        return fault not in self._spent and fault.value in self._shown
