"""The protocol library as a program of its own: on this computer, and on the processors in QEMU.

QEMU does not show everything. Unaligned accesses, and single bytes read from flash or IRAM, crash
an ESP8266 but not the emulator; there is no ROM, no radio, no UART and no watchdog; and it counts
instructions, not cycles, so the figures do not include caches and waiting for the flash.
"""
