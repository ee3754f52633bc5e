"""This component and ESPHome's kamstrup_kmp on an ESP8266: size, and a reading."""
