"""Where each key belongs, and which names other projects use for it.

This module knows only names, no schemas: it is asked before a schema refuses a key, and can give
better advice than the schema.
"""

from __future__ import annotations

from collections.abc import Set

from .info_codes import INFO_CODES
from .registers import NUMERIC_REGISTERS, TEXT_REGISTERS

DOMAIN = "multical"

CONF_MULTICAL_ID = "multical_id"
CONF_REGISTER = "register"
CONF_REGISTERS = "registers"
CONF_SERIAL_PROXY_ID = "serial_proxy_id"

#: Keys that are not registers.
LINK_SENSORS = ("requests", "failed_requests", "reply_delay", "last_reading_age")
OTHER_TEXTS = ("meter_type", "info_code", "link_status", "link_advice")
BUTTONS = ("read", "check_wiring", "scan_registers")

HUB = DOMAIN
UART = "uart"
ENTITY = "entity"
FINE = "high_resolution"
INFO = "info_codes"
LIST = CONF_REGISTERS
INTERVAL = "update_interval"

#: Place in the YAML -> its keys. The first five are blocks of their own.
PLACES: dict[str, frozenset[str]] = {
    HUB: frozenset(
        {
            "uart_id",
            "update_interval",
            "response_timeout",
            "retries",
            "on_reading",
            "on_link_status",
            CONF_SERIAL_PROXY_ID,
        }
    ),
    "sensor": frozenset({*LINK_SENSORS, *(row.key for row in NUMERIC_REGISTERS), LIST}),
    "text_sensor": frozenset({*OTHER_TEXTS, *(row.key for row in TEXT_REGISTERS), LIST}),
    "binary_sensor": frozenset({"connected", "problem", INFO}),
    "button": frozenset(BUTTONS),
    INFO: frozenset(code.key for code in INFO_CODES),
    UART: frozenset({"tx_pin", "rx_pin", "baud_rate", "stop_bits", "data_bits", "parity", "port"}),
    ENTITY: frozenset(
        {
            "name",
            "unit_of_measurement",
            "device_class",
            "state_class",
            "accuracy_decimals",
            "icon",
            "filters",
            "entity_category",
            "internal",
            "disabled_by_default",
        }
    ),
    FINE: frozenset({"high_resolution"}),
    LIST: frozenset({CONF_REGISTER}),
}

#: Key -> the names that others use for it: ESPHome's kamstrup_kmp, ha-kamstrup_403, MQTT readers,
#: Tasmota scripts, displays and manuals.
OTHER_NAMES: dict[str, str] = {
    "heat_energy": "energy heat energy_heat e1 energy_e1 energy_1 heat_energy_e1 total_energy "
    "heating_energy heat_meter total_heat consumption",
    "energy_e2": "e2 energy_2",
    "cooling_energy": "e3 energy_e3 energy_3 cooling cold_energy energy_cooling",
    "energy_e4": "e4 energy_4",
    "energy_e5": "e5 energy_5",
    "energy_e6": "e6 energy_6",
    "energy_e7": "e7 energy_7",
    "volume_temperature_supply": "e8 energy_e8 energy_8 m3_t1 heat_energy_e8",
    "volume_temperature_return": "e9 energy_e9 energy_9 m3_t2 heat_energy_e9",
    "power": "power_1 actual_power current_power heat_power effect effect_1 e_power p",
    "flow": "flow_1 flow1 flow_rate flow_v1 volume_flow q actual_flow current_flow",
    "flow_2": "flow2 flow_v2",
    "volume": "v1 volume_1 volume1 vol total_volume water",
    "volume_2": "v2 volume2",
    "mass": "m1 mass_1",
    "mass_2": "m2",
    "supply_temperature": "t1 temp1 temp_1 temperature1 temperature_1 temperature_supply "
    "supply_temp temp_supply temperature_flow flow_temperature forward_temperature "
    "inlet_temperature temperature_inlet temperature_in temp_in vorlauf",
    "return_temperature": "t2 temp2 temp_2 temperature2 temperature_2 temperature_return "
    "return_temp temp_return return_flow_temperature outlet_temperature temperature_outlet "
    "temperature_out temp_out ruecklauf",
    "temperature_3": "t3 temp3 temperature3",
    "temperature_4": "t4 temp4 temperature4",
    "temperature_difference": "temp_diff tempdiff temperature_diff t1_t2 t1_minus_t2 delta_t dt "
    "diff_temp differential_temperature difference_temperature delta_temperature temp_difference",
    "operating_hours": "hours hour_counter hours_counter operation_hours operating_time hr",
    "serial_number": "serial serialno serial_no meter_id meter_no meter_number meter_serial",
    "meter_time": "time clock date_time datetime",
    "meter_type": "type model",
    "info_code": "infocode info_number",
    "link_status": "status link",
    "link_advice": "advice",
    "connected": "online available status_connected",
    "read": "read_now refresh update",
    "check_wiring": "wiring_check check wiring test_wiring",
    "scan_registers": "scan register_scan scan_register",
    "registers": "custom custom_registers register_list",
    "register": "command address kmp_register",
    "unit_of_measurement": "unit units uom",
    "high_resolution": "resolution fine precise",
    "update_interval": "interval scan_interval poll_interval polling_interval",
    "response_timeout": "timeout receive_timeout read_timeout",
    "retries": "retry tries retry_count max_retries",
    "baud_rate": "baudrate baud",
}
CALLED_HERE = {name: key for key, names in OTHER_NAMES.items() for name in names.split()} | {
    # ha-kamstrup_403, for example MaxFlowDate_Y.
    f"{extreme}{what}{date}_{period[0]}": f"{extreme}_{what}_{period}{date and '_date'}"
    for extreme in ("min", "max")
    for what in ("flow", "power")
    for date in ("", "date")
    for period in ("month", "year")
}

_PLATFORMS = ("sensor", "text_sensor", "binary_sensor", "button")
_WHERE = {
    HUB: f"'{HUB}:'",
    UART: f"'{UART}:'",
    INFO: f"'{INFO}:' of 'binary_sensor: - platform: {HUB}'",
    ENTITY: "the key of an entity, for example power: {name: Power}",
    FINE: "heat_energy and cooling_energy of 'sensor:'",
    LIST: "an entry of 'registers:', for example {register: 266, name: Register 266}",
    **{platform: f"'{platform}: - platform: {HUB}'" for platform in _PLATFORMS},
}


def title(key: str) -> str:
    """Return a name to show for a key: "heat_energy" is "Heat energy"."""
    return key.replace("_", " ").capitalize()


def places_of(key: str) -> list[str]:
    """Return where a key belongs, most likely first."""
    return [place for place, keys in PLACES.items() if key in keys]


def advice(key: str, allowed: Set[str], place: str) -> str | None:
    """Say what an unknown key is called here, or where it belongs.

    key: as written in the YAML.
    allowed: the keys that are allowed in its place.
    place: one of PLACES, or the key of an entity.
    Returns a sentence without its full stop, or None if the key is not known at all.
    """
    if key.isdecimal() and LIST in allowed | {place}:
        entry = f"{{register: {key}, name: Register {key}}}"
        if place == LIST:
            return f"'{LIST}:' is a list, write its entries as - {entry}"
        return f"register {key} belongs in 'registers:', as {entry}"
    if key in _PLATFORMS:
        return f"{key} is a block of its own: {_WHERE[key]}"
    name = key.strip().lower().replace("-", "_").replace(" ", "_")
    known = name if name in allowed or places_of(name) else CALLED_HERE.get(name)
    if known is None:
        return None
    called = f"{key} is called {known} here"
    if known in allowed:
        return called
    if known == INTERVAL and place not in PLACES:
        return f"{place} has no {INTERVAL} of its own"
    said = key if known == key else f"{called} and"
    if any({known, place} <= PLACES[home] for home in places_of(known)):
        return f"{said} belongs next to {place}, not under it"
    # An entity that does not have the key must not be told that any entity may have it.
    others = {place} if place in PLACES else {ENTITY}
    homes = [_WHERE[home] for home in places_of(known) if home not in others]
    return f"{said} belongs under {' or '.join(homes)}" if homes else None
