// This component with seven sensors.

#include "esphome/components/multical/multical.h"
#include "esphome/components/multical/sensor/multical_sensor.h"
#include "esphome/components/multical/sensor/total_sensor.h"

#include "imitation.h"

using esphome::multical::Multical;
using esphome::multical::MulticalSensor;
using esphome::multical::TotalSensor;
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
  static TotalSensor totals[] = {
      TotalSensor(2),   // kWh
      TotalSensor(40),  // m³
  };
  static MulticalSensor values[] = {
      {41, ValueKind::MOMENTARY},  // L/h
      {22, ValueKind::MOMENTARY},  // kW
      {37, ValueKind::MOMENTARY},  // °C
      {37, ValueKind::MOMENTARY},  // °C
      {38, ValueKind::MOMENTARY},  // K
  };
  hub = &multical;
  multical.port().set_uart_parent(&line);
  multical.set_update_interval(900000);
  multical.add_entity(&totals[0], REGISTERS[0]);
  multical.add_entity(&totals[1], REGISTERS[1]);
  for (int i = 0; i < 5; i++)
    multical.add_entity(&values[i], REGISTERS[2 + i]);
  multical.setup();
  imitation::measure(read, {&totals[0], &totals[1], &values[0], &values[1], &values[2], &values[3], &values[4]});
  return 0;
}
