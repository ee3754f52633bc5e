"""The honest check: a reader written by others, in a process of its own, over a serial port.

PyKMP's command-line client was written for a real MULTICAL 403 and knows nothing of this project.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from virtual_meter import RunningMeter, VirtualMeter

# The client has no command for GetType; its library does.
GET_TYPE = """
import sys
import time
from pykmp.client import PySerialClientCommunicator
from pykmp.messages import GetTypeRequest
meter = PySerialClientCommunicator(serial_device=sys.argv[1])
answer = meter.send_request(message=GetTypeRequest())
print(answer.meter_type_bytes.hex(), answer.software_revision)
"""

# No meter has it, so it has to be missing in the reply.
UNKNOWN = 4711
REGISTERS = {
    "403-kwh": (60, 68, 74, 80, 86, 87, 89, 266),
    "602": (68, 74, 80, UNKNOWN, 86, 87, 89, 155),
    "601": (61, 94, 91, 122, 128, 150, 1003, 1001),
}
SERIALS = {"403-kwh": "80713078", "602": "6892850", "601": "19088743"}
TYPES = {"403-kwh": "0403 B3", "602": "0602 J5", "601": "0004 F1"}


def python(*arguments: str) -> str:
    """Run Python and return what it printed."""
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=30, check=True
    )
    return done.stdout.strip()


@pytest.fixture(params=REGISTERS)
def running(request: pytest.FixtureRequest) -> Iterator[RunningMeter]:
    """Run each model; its clock stands still, so that its values are the same in every run."""
    with RunningMeter(VirtualMeter(request.param, delay=0.05, clock=lambda: 0.0)) as running:
        yield running


def test_pykmp_reads_what_the_meter_sent(running: RunningMeter) -> None:
    """Type, serial number and eight registers, the latter to the last digit and in order."""
    assert isinstance(running.meter, VirtualMeter)
    model = running.meter.model.name
    tool = ("-m", "pykmp.tool", "-d", running.port)

    assert python("-c", GET_TYPE, running.port) == TYPES[model]
    assert python(*tool, "get-serial") == f"Meter serial is: {SERIALS[model]}"

    asked = REGISTERS[model]
    options = [option for number in asked for option in ("--register", str(number))]
    received = json.loads(python(*tool, "get-register", "--json", *options))["register_data"]
    sent = running.exchanges[-1].readings
    assert [r.register for r in sent] == [number for number in asked if number != UNKNOWN]
    assert [(r["id_int"], r["unit_int"], r["value_str"], r["value_float"]) for r in received] == [
        (r.register, r.unit, str(r.value), float(r.value)) for r in sent
    ]
    assert [bool(e.reply) for e in running.exchanges] == [True] * 3


def test_pykmp_notices_faults() -> None:
    """It reads while all is well, also between two replies that it refuses."""
    with RunningMeter(VirtualMeter("601", delay=0.05)) as running:
        tool = ("-m", "pykmp.tool", "-d", running.port, "get-serial")
        for fault in ("checksum_errors", "echo"):
            running.faults = [fault]
            with pytest.raises(subprocess.CalledProcessError):
                python(*tool)
            running.faults = []
            # After an echo it does not wait for the reply, which is still on its way.
            time.sleep(0.5)
            assert python(*tool) == f"Meter serial is: {SERIALS['601']}"
        assert not running.exchanges[0].is_intact
        assert [e.fault for e in running.exchanges] == ["checksum_errors", "", "echo", ""]
