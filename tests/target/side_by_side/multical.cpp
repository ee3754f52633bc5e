// This component with seven sensors.

#include "esphome/components/multical/multical.h"
#include "esphome/components/multical/sensor/multical_sensor.h"

#include "imitation.h"

using esphome::multical::Multical;
using esphome::multical::MulticalSensor;
using esphome::multical::ValueKind;

/// Heat energy, volume, flow, power, supply and return temperature, temperature difference.
static constexpr uint16_t REGISTERS[SENSORS] = {60, 68, 74, 80, 86, 87, 89};

static Multical *hub;

static void read() {
  hub->update();
  do {
    imitation::pass(16);
    hub->loop();
  } while (hub->is_updating());
}

int main() {
  static imitation::Line line(TOGETHER);
  static Multical multical;
  static MulticalSensor sensors[SENSORS] = {
      {2, ValueKind::TOTAL},       // kWh
      {40, ValueKind::TOTAL},      // m³
      {41, ValueKind::MOMENTARY},  // L/h
      {22, ValueKind::MOMENTARY},  // kW
      {37, ValueKind::MOMENTARY},  // °C
      {37, ValueKind::MOMENTARY},  // °C
      {38, ValueKind::MOMENTARY},  // K
  };
  hub = &multical;
  multical.port().set_uart_parent(&line);
  multical.set_update_interval(900000);
  for (int i = 0; i < SENSORS; i++)
    multical.add_entity(&sensors[i], REGISTERS[i]);
  multical.setup();
  imitation::measure(read, {&sensors[0], &sensors[1], &sensors[2], &sensors[3], &sensors[4], &sensors[5], &sensors[6]});
  return 0;
}
