#pragma once

#include <cstdint>
#include <span>

namespace esphome::multical {

/// Where the entity of a register is in the YAML.
enum class YamlPlace : uint8_t { SENSOR, SENSOR_BY_NUMBER, TEXT_SENSOR, TEXT_SENSOR_BY_NUMBER };

/// The entity that shows a register, whatever the meter sends in it.
struct YamlEntity {
  YamlPlace place;
  bool needs_unit;  ///< the YAML must give the meter's unit, because the key's default is another
};

/// Bytes for the name of any register, its end included.
inline constexpr uint8_t MAX_REGISTER_NAME_SIZE = 44;

/// A register that answers, and what the catalogue knows about it.
class FoundRegister {
 public:
  explicit FoundRegister(uint16_t id);

  bool is_known() const { return this->row_[0] != 0; }
  /// The register whose entity shows this one too, 0 for none.
  uint16_t part_of() const { return static_cast<uint16_t>(this->row_[0]); }
  /// Copies the name: the key if its entity has one, otherwise words.
  void read_name(std::span<char, MAX_REGISTER_NAME_SIZE> name) const;
  /// Chooses an entity that can show what the meter sends.
  /// @param unit      unit byte of its value
  /// @param is_number whether its value is a number
  YamlEntity entity(uint8_t unit, bool is_number) const;

 protected:
  uint32_t row_[2]{};  ///< from REGISTER_ROWS; zeros if it is not known
  uint16_t index_{0};
};

}  // namespace esphome::multical
