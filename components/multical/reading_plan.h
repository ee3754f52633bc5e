#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "asker.h"
#include "link_health.h"
#include "register_entity.h"
#include "silent_register_search.h"

namespace esphome::multical {

/// When an entity is read.
enum class Schedule : uint8_t {
  UPDATES,       ///< with the hub's updates
  OWN_INTERVAL,  ///< at an interval of its own, see IntervalSchedule
  IDENTITY,      ///< the same, and as soon as a meter is found: it identifies the meter
  MANUAL,        ///< with want_all() only
  REQUEST,       ///< with want() only
};

/// One entity, and what is known about its registers.
struct ReadingSlot {
  enum class Turn : uint8_t {
    NOT_DUE,
    OVERDUE,    ///< it did not come when it was last due; not due now
    DUE,        ///< in this update
    ONCE_MORE,  ///< the same, for a second try
  };
  enum class Knowledge : uint8_t {
    UNTRIED,  ///< not answered since the meter was found, or since its last new chance
    KNOWN,    ///< it came
    STOPPED,  ///< it came before and no longer does, which was reported
    MISSING,  ///< the meter does not have it, or stops answering because of it: not asked for
  };
  /// Updates in a row without a value after which the last value is out of date, and after which a companion that was
  /// there counts as missing.
  static constexpr uint8_t MAX_MISSES = 3;

  RegisterEntity *entity;
  RegisterPair asked;  ///< what is asked for: the entity's own registers, or what it wants instead
  Schedule schedule{Schedule::UPDATES};
  bool wanted{false};  ///< in the next update
  Turn turn{Turn::NOT_DUE};
  bool stands_in{false};  ///< `asked` is not the entity's own register
  Knowledge knowledge{Knowledge::UNTRIED};
  Knowledge companion{Knowledge::UNTRIED};
  uint8_t misses{0};            ///< updates in a row in which it was due and did not come
  uint8_t companion_misses{0};  ///< values in a row without the companion

  bool is_due() const { return this->turn >= Turn::DUE; }
  bool has_stand_in() const { return !this->stands_in && this->entity->instead_of(this->asked.id).id != 0; }
  bool has_companion() const { return this->asked.companion_id != 0 && this->companion != Knowledge::MISSING; }
  /// The second register to ask for; the first one again when there is no second.
  uint16_t second_id() const { return this->has_companion() ? this->asked.companion_id : this->asked.id; }
  /// Whether the request asks for everything that this entity needs.
  bool is_asked_by(const kmp::Request &request) const {
    return request.asks_for(this->asked.id) && request.asks_for(this->second_id());
  }
  /// Forgets what is known about the meter.
  void forget(bool use_stand_in);
};

/// What a plan reports about a register, for the log.
enum class RegisterNews : uint8_t {
  LEFT_OUT,  ///< the meter does not have it
  SILENCES,  ///< the meter stops answering because of it
  STOPPED,   ///< it came before and no longer does
};

/// What a plan reports besides the values, which go to the entities.
class ReadingListener {
 public:
  /// A request of the plan was sent once; LinkHealth has been told already.
  /// @param delay milliseconds from its end to the beginning of the reply; nothing if it was not answered
  virtual void on_attempt(const kmp::Attempt &attempt, std::optional<uint32_t> delay) = 0;
  virtual void on_register_news(uint16_t register_id, RegisterNews news) = 0;
  /// The meter answers, but not to this command.
  virtual void on_command_refused(kmp::Command command) = 0;
  virtual void on_meter_type(const kmp::MeterType &meter_type) = 0;
  virtual void on_meter_replaced(uint32_t old_serial_no, uint32_t serial_no) = 0;
  /// @param complete every register that this meter is known to have was read, and every request was answered
  virtual void on_update_end(bool complete) = 0;

 protected:
  ~ReadingListener() = default;
};

/// Decides what to ask the meter for next, and what to do with the answers.
///
/// What is wanted is read in updates. An update that has begun is finished before the next one; anything wanted in the
/// meantime is saved for that. Each entity that is due in an update ends once: with a value, as missing, or as failed.
/// - As few requests as possible: up to 8 registers in each, and a register with its companion in the same one.
/// - A register that is left out of a reply is asked for once more. If it is left out again, it counts as missing if it
///   has never come since the meter was found; otherwise the update is not complete. A value that its entity doubts is
///   asked for once more, too.
/// - Silence after a request with untried registers may be caused by one of them: SilentRegisterSearch finds it, and
///   other askers may ask in the meantime.
///   Three failed updates make a register untried again: the meter may be another one.
/// - A companion is dropped after three values without it, or when its entity waits for it and it is left out twice.
/// - Any other failed request ends the update. The next one begins with what was due then, so that even a meter that
///   answers only now and then is read completely.
/// - What is missing gets another chance once a day, and when a meter is found.
class ReadingPlan final : public Asker {
 public:
  ReadingPlan(ReadingListener *listener, LinkHealth *health) : listener_(listener), health_(health) {}

  /// @param slots one for each entity, kept by the caller
  void set_slots(std::span<ReadingSlot> slots) { this->slots_ = slots; }
  /// Sets whether the meter is asked for its type when it is found.
  void set_wants_meter_type(bool wants) { this->wants_meter_type_ = wants; }

  /// Requests an update with the entities of Schedule::UPDATES.
  void want_update();
  /// Requests an update with all entities except those of Schedule::REQUEST.
  void want_all();
  /// Requests an update with one entity.
  /// @param index of its slot
  void want(uint8_t index);
  void want(const RegisterEntity *entity);

  bool is_updating() const { return this->phase_ != Phase::IDLE; }
  /// A request that the meter should answer if it answers at all: for a register that came, or else for the serial
  /// number and the first register to read.
  kmp::Request likely_request() const;

  Need need() const override;
  std::optional<kmp::Request> next(uint64_t now) override;
  void answered(const kmp::Answer &answer, uint64_t now) override;
  void attempt_failed(const kmp::Attempt &attempt) override;
  void failed(const kmp::Request &request, kmp::Evidence evidence, uint64_t now) override;
  void answered_late() override { this->health_->answered_late(); }
  void unasked_byte(uint8_t byte) override;

 protected:
  enum class Phase : uint8_t {
    IDLE,
    READING,
    PROVING,  ///< a request brought no reply: is the meter awake?
  };

  void want_(ReadingSlot *slot);
  void begin_update_();
  void end_update_();
  void give_another_chance_(uint64_t now);

  kmp::Request next_request_() const;
  kmp::Request due_request_() const;
  bool needs_company_() const;
  void take_registers_(const kmp::Request &request, const kmp::Reply &reply);
  void take_value_(ReadingSlot *slot, const kmp::RegisterValue &value, const kmp::Reply &reply);
  void companion_missed_(ReadingSlot *slot);
  void left_out_(ReadingSlot *slot);
  void missing_(ReadingSlot *slot);
  void missed_(ReadingSlot *slot);
  void unknown_(ReadingSlot *slot);
  void tell_(uint16_t register_id, RegisterNews news);
  void take_serial_no_(uint32_t serial_no, uint64_t now);
  void meter_found_(uint64_t now);

  bool begin_search_(const kmp::Request &request);
  bool is_untried_(uint16_t id) const;
  void take_proof_();
  void link_failed_();

  ReadingListener *listener_;
  LinkHealth *health_;
  std::span<ReadingSlot> slots_;
  SilentRegisterSearch search_;
  uint64_t next_chance_{UINT64_MAX};  ///< when what is missing is asked for again
  uint32_t serial_no_{0};             ///< of the meter, 0 before it is known
  uint8_t first_{0};                  ///< the slot that requests start with
  Phase phase_{Phase::IDLE};
  bool wanted_{false};            ///< an update is wanted
  bool complete_{false};          ///< nothing has failed in this update
  bool answered_{false};          ///< something has come in this update
  bool found_{false};             ///< a meter was found in this update
  bool searched_in_vain_{false};  ///< in this update, for a register that stops the meter answering
  bool wants_meter_type_{false};
  bool has_meter_type_{false};
  bool meter_type_due_{false};
  bool serial_no_due_{false};
  bool serial_no_wanted_{false};  ///< in the update after this one
};

}  // namespace esphome::multical
