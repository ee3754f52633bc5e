#include "imitation.h"

#include <cstring>
#include <new>

#include "esphome/core/application.h"
#include "machine.h"

namespace {

alignas(8) char heap[8192];
size_t heap_used;
uint32_t requests_sent;
uint32_t states_published;
uint32_t now = 1000;

/// Makes public what is meant for ESPHome's main loop.
class Clock : public esphome::Application {
 public:
  using Application::set_loop_component_start_time_;
};

}  // namespace

void *operator new(size_t size) {
  void *memory = heap + heap_used;
  heap_used += (size + 7) & ~size_t{7};
  return memory;
}
void operator delete(void *memory) noexcept {}
void operator delete(void *memory, size_t size) noexcept {}
extern "C" void abort() {
  while (true) {
  }
}

// What linker and headers need from ESPHome. Everything else is missing, and calling it ends the program.
namespace esphome {

Application App;
uint32_t millis() { return now; }
void delay(uint32_t milliseconds) {}
void esp_log_printf_(int level, const char *tag, int line, const __FlashStringHelper *format, ...) {}
PollingComponent::PollingComponent(uint32_t update_interval) : update_interval_(update_interval) {}
uint32_t PollingComponent::get_update_interval() const { return this->update_interval_; }
void PollingComponent::call_setup() {}
bool Component::can_proceed() { return true; }
float Component::get_setup_priority() const { return 0; }
void Component::setup() {}
void Component::loop() {}
void Component::dump_config() {}
void Component::disable_loop() {}
void Component::enable_loop_slow_path_() {}
void Component::status_clear_warning_slow_path_() {}

// Stores nothing.
ESPPreferenceObject EntityBase::make_entity_preference_(size_t size, uint32_t version) { return {}; }

namespace sensor {
Sensor::Sensor() : state(NAN) {}
void Sensor::publish_state(float state) {
  this->state = state;
  this->set_has_state(true);
  states_published++;
}
}  // namespace sensor
}  // namespace esphome

namespace imitation {

void Line::write_array(const uint8_t *data, size_t size) {
  requests_sent++;
  const Reply &reply = this->replies_[this->next_reply_];
  if (++this->next_reply_ == this->count_)
    this->next_reply_ = 0;
  this->next_ = reply.data;
  this->left_ = reply.size;
}

bool Line::read_array(uint8_t *data, size_t size) {
  this->left_ -= size;
  while (size-- > 0)
    *data++ = *this->next_++;
  return true;
}

void pass(uint32_t milliseconds) {
  now += milliseconds;
  static_cast<Clock &>(esphome::App).set_loop_component_start_time_(now);
}

void measure(void (*read)(), const esphome::sensor::Sensor *const (&sensors)[SENSORS]) {
  read();
  read();
  const uint32_t requests_before = requests_sent;
  const uint32_t published_before = states_published;
  paint_stack();
  const uint32_t before = instructions();
  read();
  const uint32_t after = instructions();
  figures("stack", painted_stack_used());
  figures("instructions", after - before);
  figures("heap", heap_used);
  figures("requests", requests_sent - requests_before);
  figures("published", states_published - published_before);
  char name[] = "state_0";
  for (const auto *sensor : sensors) {
    uint32_t bits;
    std::memcpy(&bits, &sensor->state, sizeof(bits));
    figures(name, bits);
    name[6]++;
  }
}

}  // namespace imitation
