"""Configurations that must work, apart from those whose code is tested elsewhere."""

from __future__ import annotations

import logging

import pytest
from esphome import config as esphome_config

from .devices import EVERYTHING
from .harness import TARGETS, Workbench, device, uart

#: Topic -> the YAML below the UART.
BODIES = {
    **{
        f"hub: {line}": f"multical: {{{line}}}\n"
        for line in (
            "update_interval: 1s",
            "update_interval: 24d",
            "response_timeout: 100ms",
            "response_timeout: 10s",
            "retries: 10",
        )
    },
    "no info code": "multical:\nbinary_sensor: [{platform: multical, info_codes: {}}]\n",
    # Each number once; also as a text, in any way and as often as you like.
    "same register": """\
multical:
sensor:
  - platform: multical
    heat_energy: A
    registers: [{register: 266, name: B}, {register: 1001, name: C}]
text_sensor:
  - platform: multical
    serial_number: D
    registers:
      - {register: 60, name: E}
      - {register: 266, name: F}
      - {register: 1001, name: G}
      - {register: 1001, name: H}
  - {platform: multical, serial_number: I}
""",
}
#: UARTs that a meter can be on.
BUSES = {
    "no parity": uart(settings="baud_rate: 1200, stop_bits: 2, parity: none"),
    "NONE": uart(settings="baud_rate: 1200, stop_bits: 2, parity: NONE, data_bits: 8"),
    "no receiver": uart(settings="baud_rate: 1200, stop_bits: 2, debug: {dummy_receiver: false}"),
    # The settings of a UART without a meter do not matter.
    "another": f"{uart()}  - {{id: other, tx_pin: GPIO12, baud_rate: 9600, parity: EVEN}}\n",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_body(bench: Workbench, body: str) -> None:
    bench.accept(device(body))


@pytest.mark.parametrize("bus", BUSES.values(), ids=BUSES)
def test_bus(bench: Workbench, bus: str) -> None:
    bench.accept(device("multical:\n  uart_id: meter_uart\n", bus=bus))


# The workbench itself


def test_bench_is_clean_between_runs(bench: Workbench) -> None:
    """A refusal, another target and generated code do not influence each other."""
    wrong = device("multical:\n", bus=uart(settings="baud_rate: 9600"))
    first = bench.refuse(wrong)
    codes = [bench.code(device(EVERYTHING, target)).main for target in TARGETS]
    assert bench.refuse(wrong) == first
    assert [bench.code(device(EVERYTHING, target)).main for target in TARGETS] == codes


def test_deprecation_is_noticed(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """ESPHome logs it, and that is an error in all of these tests."""
    load = esphome_config.load_config

    def load_with_warning(substitutions: dict[str, str]) -> esphome_config.Config:
        logging.getLogger("esphome.components.multical").warning("'x' is deprecated")
        return load(substitutions)

    monkeypatch.setattr(esphome_config, "load_config", load_with_warning)
    with pytest.raises(AssertionError, match="is deprecated"):
        bench.accept(device("multical:\n"))
