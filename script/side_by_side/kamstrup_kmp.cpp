// ESPHome's own component with the same sensors.

#include "esphome/components/kamstrup_kmp/kamstrup_kmp.h"

#include "imitation.h"

using esphome::kamstrup_kmp::KamstrupKMPComponent;

static KamstrupKMPComponent *component;

static void read() {
  component->update();
  for (int i = 0; i < SENSORS; i++)
    component->loop();
}

int main() {
  static imitation::Line line(ONE_BY_ONE);
  static KamstrupKMPComponent kamstrup_kmp;
  static esphome::sensor::Sensor sensors[SENSORS];
  component = &kamstrup_kmp;
  kamstrup_kmp.set_uart_parent(&line);
  kamstrup_kmp.set_heat_energy_sensor(&sensors[0]);
  kamstrup_kmp.set_volume_sensor(&sensors[1]);
  kamstrup_kmp.set_flow_sensor(&sensors[2]);
  kamstrup_kmp.set_power_sensor(&sensors[3]);
  kamstrup_kmp.set_temp1_sensor(&sensors[4]);
  kamstrup_kmp.set_temp2_sensor(&sensors[5]);
  kamstrup_kmp.set_temp_diff_sensor(&sensors[6]);
  imitation::measure(read, {&sensors[0], &sensors[1], &sensors[2], &sensors[3], &sensors[4], &sensors[5], &sensors[6]});
  return 0;
}
