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
          "Not one byte comes back: press a key on the meter to wake its eye, move or turn the head, and check "
          "the wires of TX and RX");
    case LinkStatus::ECHO_ONLY:
      return LOG_STR(
          "Only our own request comes back: press a key on the meter, move the head or turn it upside down; on "
          "separate wires TX and RX touch");
    case LinkStatus::GARBLED:
      return LOG_STR(
          "Bytes come but no answer: change 'inverted' of the RX pin, check that nothing else sends, and keep "
          "light off the head");
    case LinkStatus::CHECKSUM_ERRORS:
      return LOG_STR(
          "Answers come damaged: move the head closer and keep light off it, or shorten the cable and lower "
          "its pull-up");
    case LinkStatus::LINE_LOW:
      return LOG_STR(
          "RX rests at the wrong level: change 'inverted' of the RX pin, add the missing pull-up, or give the "
          "head its supply");
    case LinkStatus::PULSES:
      return LOG_STR(
          "Only pulses come: this is a pulse output and no data port, read it with pulse_meter or use the "
          "optical eye");
    case LinkStatus::LATE_ANSWERS:
      return LOG_STR(
          "Answers come too late: raise 'response_timeout' under 'multical:', up to 10s; the log says after how many "
          "ms they come");
    case LinkStatus::NO_PORT:
      return LOG_STR(
          "The serial port is not there: plug in the adapter, check the port's name and the right to open it, "
          "then start this program again");
  }
  return LOG_STR("");
}

}  // namespace esphome::multical
