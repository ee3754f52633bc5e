"""What the chips' data sheets guarantee, and which pins decide how they start."""

from __future__ import annotations

from wiring.circuits import D1_MINI, ESP32

#: Pins that are read when the chip starts, and the level that they must then have to run the
#: program; None where any level would change something. From the chips' data sheets.
STRAPPED: dict[str, dict[int, int | None]] = {
    D1_MINI: {0: 1, 2: 1, 15: 0},
    ESP32: dict.fromkeys((0, 2, 5, 12, 15)),
}
#: Unsuitable pins. ESP8266: 6 to 11 flash; 16 no UART, no interrupt. ESP32: 34 to 39 inputs
#: only; 6 to 11 flash; 16, 17 PSRAM on some modules; 1, 3 USB.
UNUSABLE: dict[str, set[int]] = {
    D1_MINI: {*range(6, 12), 16},
    ESP32: {1, 3, *range(6, 12), 16, 17, *range(34, 40)},
}

#: What counts as low and as high, as parts of the supply: VIL and VIH in both data sheets.
LOW, HIGH = 0.25, 0.75
#: Amperes in or out of a pin: the ESP8266's limit. The ESP32 gives and takes more.
PIN_CURRENT = 0.012
#: Ohms of an output: at least 0.8 of the supply at 12 mA (ESP8266 data sheet, VOH and IMAX).
OUTPUT_OHMS = 55
#: Volts by which a pin may exceed the supply, or be below ground (ESP32 data sheet; that of the
#: ESP8266 allows 3.6 V at 3.3 V, which is the same).
EXCESS = 0.3
#: Amperes through a pin's protection for a moment. The data sheets give no limit; the ESP32's says
#: that 50 mA did not latch it up, and this is a tenth of that.
CLAMP_CURRENT = 0.005

#: Ohms from GPIO15 to ground on a D1 mini (its circuit diagram).
D1_MINI_PULL_DOWN = 10_000

#: 3.3 V from the boards' regulators: 2 %.
SUPPLY_3V3 = (3.234, 3.366)
#: The 5V pin of a board on USB: 4.75 to 5.25 V, less a diode on some boards.
SUPPLY_5V = (4.4, 5.25)
