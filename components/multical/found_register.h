#pragma once

#include <cstdint>
#include <span>

namespace esphome::multical {

/// Where the entity of a register stands in the YAML.
enum class YamlPlace : uint8_t { SENSOR, SENSOR_BY_NUMBER, TEXT_SENSOR, TEXT_SENSOR_BY_NUMBER };

/// The entity that shows a register, whatever the meter sends in it.
struct YamlEntity {
  YamlPlace place;
  bool needs_unit;  ///< the meter's unit, which the key does not have by itself
};

/// Bytes for the name of any register, its end included.
inline constexpr uint8_t MAX_REGISTER_NAME_SIZE = 44;

/// A register that answers, and what the catalogue knows of it.
class FoundRegister {
 public:
  explicit FoundRegister(uint16_t id);

  bool is_known() const { return this->row_[0] != 0; }
  /// The register whose entity shows this one too, 0 for none.
  uint16_t part_of() const { return static_cast<uint16_t>(this->row_[0]); }
  /// Copies the name: the key of an entity that has one, words otherwise.
  void read_name(std::span<char, MAX_REGISTER_NAME_SIZE> name) const;
  /// Chooses the entity that reads it without refusing what comes.
  /// @param unit      unit byte of its value
  /// @param is_number whether its value is a number
  YamlEntity entity(uint8_t unit, bool is_number) const;

 protected:
  uint32_t row_[2]{};  ///< of REGISTER_ROWS; zeros for what is not known
  uint16_t index_{0};
};

}  // namespace esphome::multical
