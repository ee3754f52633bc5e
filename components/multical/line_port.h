#pragma once

#include <cstdint>
#include <span>

#include "esphome/core/defines.h"
#include "esphome/core/hal.h"
#include "esphome/core/helpers.h"
#include "esphome/components/uart/uart.h"
#ifdef USE_MULTICAL_SERIAL_PROXY
#include "esphome/components/serial_proxy/serial_proxy.h"
#endif

namespace esphome::multical {

/// The UART that the meter is on: its bytes, its level, its speed. Differences between platforms are handled here.
class LinePort final : public uart::UARTDevice {
 public:
#ifdef USE_MULTICAL_RX_PIN
  /// The UART's RX pin, to read its level; the UART keeps using it.
  void set_rx_pin(InternalGPIOPin *rx_pin) { this->rx_pin_ = rx_pin; }
#endif
#ifdef USE_HOST
  /// The UART as a component, which knows whether it could open its port.
  void set_component(Component *component) { this->component_ = component; }
#endif

  /// Sends these bytes, all at once.
  void send(std::span<const uint8_t> bytes) { this->write_array(bytes.data(), bytes.size()); }
  /// The next byte that has come, if any.
  optional<uint8_t> receive();
  /// Checks whether there is a port to talk through; false for a USB adapter that is missing or was unplugged. Call it
  /// only while nothing is being sent.
  bool check();
  /// What check() found last.
  bool is_usable() const { return this->usable_; }
  /// The level of the line, with `inverted` applied: true is idle. Nothing if there is no pin to read.
  optional<bool> level() const;
  /// Changes the UART's speed, if the platform can do that.
  void set_speed(uint32_t baud_rate, uint8_t stop_bits);
#ifdef USE_MULTICAL_SERIAL_PROXY
  /// Lends the line to the clients of this proxy, which has the same UART.
  void set_serial_proxy(serial_proxy::SerialProxy *serial_proxy) { this->serial_proxy_ = serial_proxy; }
  /// Whether any line of this firmware is ever lent; all code for it depends on this.
  static constexpr bool CAN_BE_LENT = true;
  /// Whether this line is ever lent.
  bool can_be_lent() const { return this->serial_proxy_ != nullptr; }
  /// Whether somebody else has the line at the moment. If so, neither send nor receive.
  bool is_lent() const { return this->can_be_lent() && this->serial_proxy_->get_api_connection() != nullptr; }
  /// Call it when the line is no longer lent: discards bytes meant for others, and restores a meter's settings.
  void take_back();
#else
  static constexpr bool CAN_BE_LENT = false;
  static constexpr bool can_be_lent() { return false; }
  static constexpr bool is_lent() { return false; }
  static constexpr void take_back() {}
#endif

 protected:
#ifdef USE_MULTICAL_RX_PIN
  InternalGPIOPin *rx_pin_{nullptr};
#endif
#ifdef USE_HOST
  Component *component_{nullptr};
#endif
#ifdef USE_MULTICAL_SERIAL_PROXY
  serial_proxy::SerialProxy *serial_proxy_{nullptr};
#endif
  bool usable_{true};
};

}  // namespace esphome::multical
