"""The protocol library as a program of its own: on this computer, and on the processors in QEMU.

QEMU does not show everything. Unaligned accesses and bytes read from flash or IRAM stop an ESP8266
but not the emulator; there is no ROM, no radio, no UART and no watchdog; and it counts instructions
and not cycles, so that caches and waiting for the flash are not in the figures.
"""
