"""The independent check: a reader written by others, in its own process, over a serial port.

PyKMP's command-line client was written for a real MULTICAL 403 and knows nothing about this
project.
"""

import json
import subprocess
import sys
import time

import pytest
from virtual_meter import RunningMeter, VirtualMeter

# No meter has 4711, so it has to be missing in the reply.
ASKED = (68, 74, 80, 4711, 86, 87, 89, 155)


def python(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=30, check=True
    )
    return done.stdout.strip()


def test_pykmp_reads_what_the_meter_sent() -> None:
    """Serial number and registers, the latter to the last digit and in order.

    And it notices a fault.
    """
    with RunningMeter(VirtualMeter("602", delay=0.05)) as running:
        tool = ("-m", "pykmp.tool", "-d", running.port)
        for fault in ("checksum_errors", "echo"):
            running.faults = [fault]
            with pytest.raises(subprocess.CalledProcessError):
                python(*tool, "get-serial")
            running.faults = []
            # After an echo it does not wait for the reply, which is still on its way.
            time.sleep(0.5)
        assert python(*tool, "get-serial") == "Meter serial is: 6892850"

        options = [option for number in ASKED for option in ("--register", str(number))]
        received = json.loads(python(*tool, "get-register", "--json", *options))["register_data"]
    sent = running.exchanges[-1].readings
    assert [r.register for r in sent] == [number for number in ASKED if number != 4711]
    assert [(r["id_int"], r["unit_int"], r["value_str"], r["value_float"]) for r in received] == [
        (r.register, r.unit, str(r.value), float(r.value)) for r in sent
    ]
