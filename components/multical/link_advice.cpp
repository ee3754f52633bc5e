#include "link_advice.h"

namespace esphome::multical {

const LogString *link_advice(LinkStatus status) {
  switch (status) {
    case LinkStatus::STARTING:
      return LOG_STR("Wait for the first reading");
    case LinkStatus::OK:
      return LOG_STR("Nothing to do");
    case LinkStatus::NO_ANSWER:
      return LOG_STR(
          "Nothing comes back: press a key on the meter to wake its eye, move or turn the head, and check "
          "the TX and RX wires");
    case LinkStatus::ECHO_ONLY:
      return LOG_STR(
          "Only our own request comes back: press a key on the meter, move the head or turn it upside down; with "
          "separate wires, make sure TX and RX do not touch");
    case LinkStatus::GARBLED:
      return LOG_STR(
          "Bytes come back, but no answer: change 'inverted' of the RX pin, check that nothing else is sending, and "
          "keep light off the head");
    case LinkStatus::CHECKSUM_ERRORS:
      return LOG_STR(
          "Answers arrive damaged: move the head closer and keep light off it, or shorten the cable and use a "
          "smaller pull-up");
    case LinkStatus::LINE_LOW:
      return LOG_STR(
          "RX is at the wrong level when idle: change 'inverted' of the RX pin, add the missing pull-up, or "
          "power the head");
    case LinkStatus::PULSES:
      return LOG_STR(
          "Only pulses arrive: this is a pulse output, not a data port; read it with pulse_meter or use the "
          "optical eye");
    case LinkStatus::LATE_ANSWERS:
      return LOG_STR(
          "Answers arrive too late: raise 'response_timeout' under 'multical:', up to 10s; the log shows how many ms "
          "they take");
    case LinkStatus::NO_PORT:
      return LOG_STR(
          "The serial port is not there: plug in the adapter, check the port's name and your permission to open it, "
          "then restart this program");
  }
  return LOG_STR("");
}

}  // namespace esphome::multical
