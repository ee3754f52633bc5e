#include "line_port.h"

#include "kmp_protocol.h"

namespace esphome::multical {

optional<uint8_t> LinePort::receive() {
  uint8_t byte;
  // ESPHome's host UART logs an error each time a missing port is read.
  if (!this->usable_ || this->available() == 0 || !this->read_byte(&byte))
    return {};
  return byte;
}

bool LinePort::check() {
  this->usable_ = this->parent_->is_connected();
#ifdef USE_HOST
  // flush() fails if the port is gone. Nothing is being sent, so it does not wait.
  if ((this->component_ != nullptr && this->component_->is_failed()) ||
      this->flush() == uart::UARTFlushResult::UART_FLUSH_RESULT_FAILED)
    this->usable_ = false;
#endif
  return this->usable_;
}

optional<bool> LinePort::level() const {
#ifdef USE_MULTICAL_RX_PIN
  if (this->rx_pin_ != nullptr)
    return this->rx_pin_->digital_read();
#endif
  return {};
}

void LinePort::set_speed(uint32_t baud_rate, uint8_t stop_bits) {
#ifdef USE_MULTICAL_SPEED_CHECK
  this->parent_->set_baud_rate(baud_rate);
  this->parent_->set_stop_bits(stop_bits);
  this->parent_->load_settings(false);
#endif
}

#ifdef USE_MULTICAL_SERIAL_PROXY
void LinePort::take_back() {
  while (this->receive().has_value()) {
  }
  auto *uart = this->parent_;
  // Reloading the settings makes some UARTs lose their pins.
  if (uart->get_baud_rate() == kmp::BAUD_RATE && uart->get_stop_bits() == kmp::STOP_BITS &&
      uart->get_data_bits() == kmp::DATA_BITS && uart->get_parity() == uart::UART_CONFIG_PARITY_NONE)
    return;
  uart->set_data_bits(kmp::DATA_BITS);
  uart->set_parity(uart::UART_CONFIG_PARITY_NONE);
  uart->set_baud_rate(kmp::BAUD_RATE);
  uart->set_stop_bits(kmp::STOP_BITS);
#if defined(USE_ESP8266) || defined(USE_ESP32)
  uart->load_settings(false);
#endif
}
#endif

}  // namespace esphome::multical
