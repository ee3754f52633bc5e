// This component with seven sensors.

#include "esphome/components/multical/multical.h"
#include "esphome/components/multical/sensor/multical_sensor.h"

#include "imitation.h"

using esphome::multical::Multical;
using esphome::multical::MulticalSensor;
using esphome::multical::ValueKind;

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
      {60, 2, ValueKind::TOTAL},       // heat energy, kWh
      {68, 40, ValueKind::TOTAL},      // volume, m³
      {74, 41, ValueKind::MOMENTARY},  // flow, L/h
      {80, 22, ValueKind::MOMENTARY},  // power, kW
      {86, 37, ValueKind::MOMENTARY},  // supply temperature, °C
      {87, 37, ValueKind::MOMENTARY},  // return temperature, °C
      {89, 38, ValueKind::MOMENTARY},  // temperature difference, K
  };
  hub = &multical;
  multical.set_uart_parent(&line);
  multical.set_update_interval(900000);
  for (auto &sensor : sensors)
    multical.add_entity(&sensor);
  multical.setup();
  imitation::measure(read, {&sensors[0], &sensors[1], &sensors[2], &sensors[3], &sensors[4], &sensors[5], &sensors[6]});
  return 0;
}
