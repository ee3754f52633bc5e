"""Numbers and faults on a command line."""

import argparse
import math
from collections.abc import Callable

from .faults import Fault, parse


def number(allowed: str, low: float, high: float) -> Callable[[str], float]:
    """Return a parser of a number within bounds; what is refused is told what is allowed."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not {allowed}")
        return value

    return parse


def fault(text: str) -> Fault:
    """Parse a fault; what is refused is told what is allowed."""
    try:
        return parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error}") from error
