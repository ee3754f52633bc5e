// A ReadingPlan in a world of its own: entities, an IntervalSchedule, other askers, and a meter that may do anything,
// all on a simulated clock. plan.py describes the scenario and the trace.

#include "plan.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <pybind11/native_enum.h>
#include <pybind11/stl.h>

#include "asker_turns.h"
#include "interval_schedule.h"
#include "reading_plan.h"
#include "register_numbers_table.h"

namespace py = pybind11;
using namespace esphome::multical;

namespace {

constexpr size_t MAX_EVENTS = 50000;

enum class Kind : uint8_t {
  BEGIN,       // an update begins
  SKIPPED,     // a wanted slot is not read in it
  DUE,         // a slot is to be read; ids: what is asked for
  ENDED,       // it no longer is; value: Outcome; ids: what was asked for last
  UPDATE_END,  // value: complete
  ASK,         // slot: 0 for the plan, 1 for another; value: AskFlags; command; ids: registers
  ANSWERED,    // the same; ids: registers in the reply
  FAILED,      // the same; value: evidence
  VALUE,       // a slot has a value; value: ValueFlags
  MISSING,     // a slot is no longer asked for
  UNKNOWN,
  NEW_METER,
  NEWS,
  REFUSED,  // value: command
  METER_TYPE,
  REPLACED,  // ids: old and new serial number
  FOUND,
  LOST,
  HUB_UPDATE,
  ACTION,
  LIKELY,  // ids: registers that the meter should answer for
  STUCK,
};
enum class Outcome : uint8_t { VALUE, MISSING, FAILED };
enum AskFlags : uint8_t {
  WHOLE = 1,     // every register belongs to a due slot that is asked for as a whole
  ONLY_DUE = 2,  // every register belongs to a due slot
  ONCE = 4,
};
enum ValueFlags : uint8_t {
  BELIEVED = 1,
  WITH_COMPANION = 2,
  WITHOUT_KNOWN_COMPANION = 4,  // it came before and did not this time
};
/// What happens to one attempt.
enum class Fault : uint8_t {
  NONE,
  SILENCE,
  ECHO,
  GARBLED,
  CHECKSUM,
  NO_PORT,
  NOT_FIRST,  // a reply with fewer registers than requested
  NOT_LAST,
  EMPTY,
  LATE,  // it comes after the request failed
};
/// What happens in the world, each with a number.
enum class Do : uint8_t {
  WAIT,  // the hub runs for this many milliseconds
  JUMP,  // the clock advances, and the hub stands still
  ASK,   // the hub asks this many questions
  UPDATE,
  READ,
  WANT,     // one entity
  SLEEP,    // the meter is silent for this many milliseconds
  REPLACE,  // the next meter, with another serial number
  CHAT,     // another asker asks this many questions, one per turn
  HOLD,     // the same, in one turn
  FLOOD,    // this many questions, an update wanted before each
  HEAL,     // no more faults and no more sleep
};
/// How often an entity doubts a value in an update.
enum class Doubt : uint8_t { NEVER, ONCE, ALWAYS };

struct Event {
  uint64_t time;
  uint16_t update;
  Kind kind;
  uint8_t slot;
  uint8_t value;
  uint8_t command;
  uint8_t count;
  uint16_t ids[kmp::MAX_REGISTERS];
};

struct Meter {
  std::set<uint16_t> lacks;
  std::set<uint16_t> silent_about;
  std::set<uint8_t> refuses;
};

std::vector<uint8_t> frame_of(std::vector<uint8_t> data) {
  uint16_t crc = 0;
  for (const uint8_t byte : data)
    crc = kmp::crc16_add(crc, byte);
  data.push_back(static_cast<uint8_t>(crc >> 8));
  data.push_back(static_cast<uint8_t>(crc));
  std::vector<uint8_t> frame{kmp::START_OF_REPLY};
  for (const uint8_t byte : data) {
    const bool escaped = kmp::must_be_escaped(byte);
    if (escaped)
      frame.push_back(kmp::ESCAPE);
    frame.push_back(static_cast<uint8_t>(escaped ? ~byte : byte));
  }
  frame.push_back(kmp::STOP);
  return frame;
}

class World;

class Entity final : public RegisterEntity {
 public:
  World *world;
  uint8_t slot;
  RegisterPair own;
  RegisterPair other;
  Doubt doubt;

  bool on_value(const Reading &reading) override;
  void on_unknown() override;
  RegisterPair instead_of(uint16_t id) const override { return id == this->own.id ? this->other : this->own; }
  void on_new_meter() override;
};

/// Another asker. It asks for the meter's type, `questions` times, either one per turn or all in one.
class Chatter final : public Asker {
 public:
  uint64_t questions{0};
  bool holds{false};

  Need need() const override {
    if (this->questions == 0)
      return Need::NOTHING;
    return this->holds && this->has_turn_ ? Need::LINE : Need::TURN;
  }
  std::optional<kmp::Request> next(uint64_t) override {
    this->has_turn_ = this->questions > 0;
    if (!this->has_turn_)
      return {};
    return kmp::Request::get_type();
  }
  void answered(const kmp::Answer &, uint64_t) override { this->questions--; }
  void failed(const kmp::Request &, kmp::Evidence, uint64_t) override { this->questions--; }

 protected:
  bool has_turn_{false};
};

class World final : public ReadingListener {
 public:
  explicit World(const py::object &scenario)
      : actions_(scenario.attr("actions").cast<std::vector<Action>>()),
        now_(scenario.attr("start").cast<uint64_t>()),
        update_interval_(scenario.attr("update_interval").cast<uint32_t>()),
        latency_(scenario.attr("latency").cast<uint32_t>()),
        retries_(scenario.attr("retries").cast<uint8_t>()),
        repeats_(scenario.attr("repeats").cast<bool>()) {
    this->plan_.set_wants_meter_type(scenario.attr("wants_type").cast<bool>());
    this->trace_.reserve(MAX_EVENTS);
    const py::tuple slots = scenario.attr("slots");
    this->entities_.reserve(slots.size());
    for (const auto &slot : slots)
      this->add_slot_(slot);
    for (const auto &meter : scenario.attr("meters")) {
      this->meters_.push_back({meter.attr("lacks").cast<std::set<uint16_t>>(),
                               meter.attr("silent_about").cast<std::set<uint16_t>>(),
                               meter.attr("refuses").cast<std::set<uint8_t>>()});
    }
    for (const char fault : scenario.attr("faults").cast<std::string>())
      this->faults_.push_back(static_cast<Fault>(fault));
    this->is_due_.resize(slots.size());
    this->is_missing_.resize(slots.size());
    this->has_come_.resize(slots.size());
  }

  const std::vector<Event> &run() {
    this->plan_.set_slots(this->slots_);
    this->schedule_.set_entries(this->entries_);
    this->schedule_.set_update_interval(this->update_interval_);
    this->turns_.set_askers(this->askers_);
    this->next_update_ = this->update_interval_ != 0 ? this->now_ : UINT64_MAX;
    if (this->update_interval_ == 0)
      this->poll_schedule_();
    for (const auto &[what, number] : this->actions_) {
      this->write(Kind::ACTION, static_cast<uint8_t>(what));
      this->act_(what, number);
      this->write_ids_(this->write(Kind::LIKELY), this->plan_.likely_request());
    }
    return this->trace_;
  }

  Event *write(Kind kind, uint8_t slot = 0, uint8_t value = 0) {
    if (this->trace_.size() == MAX_EVENTS)
      throw py::value_error("too much happens");
    this->trace_.push_back({this->now_, this->update_, kind, slot, value, 0, 0, {}});
    return &this->trace_.back();
  }

  bool take_value(uint8_t slot, const Reading &reading, Doubt doubt) {
    if (!this->is_due_[slot])
      this->slot_due_(slot);
    const bool believed = doubt == Doubt::NEVER || (doubt == Doubt::ONCE && this->has_come_[slot]);
    this->has_come_[slot] = true;
    const bool is_stopped = this->slots_[slot].companion == ReadingSlot::Knowledge::STOPPED;
    auto *event =
        this->write(Kind::VALUE, slot,
                    static_cast<uint8_t>((believed ? BELIEVED : 0) | (reading.companion ? WITH_COMPANION : 0) |
                                         (is_stopped ? WITHOUT_KNOWN_COMPANION : 0)));
    event->ids[event->count++] = reading.value.id;
    if (reading.companion)
      event->ids[event->count++] = reading.companion->id;
    this->value_now_ |= 1ULL << slot;
    return believed;
  }

 protected:
  void on_attempt(const kmp::Attempt &, std::optional<uint32_t>) override { this->compare_(); }
  void on_register_news(uint16_t register_id, RegisterNews news) override {
    auto *event = this->write(Kind::NEWS, 0, static_cast<uint8_t>(news));
    event->ids[event->count++] = register_id;
  }
  void on_command_refused(kmp::Command command) override {
    this->write(Kind::REFUSED, 0, static_cast<uint8_t>(command));
  }
  void on_meter_type(const kmp::MeterType &) override { this->write(Kind::METER_TYPE); }
  void on_meter_replaced(uint32_t old_serial_no, uint32_t serial_no) override {
    auto *event = this->write(Kind::REPLACED);
    for (const uint32_t number : {old_serial_no, serial_no})
      event->ids[event->count++] = static_cast<uint16_t>(number);
  }
  void on_update_end(bool complete) override {
    this->compare_();
    this->write(Kind::UPDATE_END, 0, complete ? 1 : 0);
    this->is_updating_ = false;
  }

  void add_slot_(const py::handle &slot) {
    Entity entity;
    entity.world = this;
    entity.slot = static_cast<uint8_t>(this->entities_.size());
    entity.own = {slot.attr("id").cast<uint16_t>(), slot.attr("companion").cast<uint16_t>()};
    entity.other = {slot.attr("stand_in").cast<uint16_t>(), slot.attr("stand_in_companion").cast<uint16_t>()};
    entity.doubt = slot.attr("doubt").cast<Doubt>();
    this->entities_.push_back(entity);
    const auto schedule = slot.attr("schedule").cast<Schedule>();
    this->slots_.push_back({.entity = &this->entities_.back(), .asked = entity.own, .schedule = schedule});
    if (const auto interval = slot.attr("interval").cast<uint32_t>(); interval != 0)
      this->entries_.push_back({.interval = interval, .slot = entity.slot});
  }

  void act_(Do what, uint64_t number) {
    switch (what) {
      case Do::WAIT:
        return this->run_until_(this->now_ + number);
      case Do::JUMP:
        this->now_ += number;
        break;
      case Do::ASK:
        for (; number > 0; number--)
          this->ask_next_();
        break;
      case Do::UPDATE:
        this->plan_.want_update();
        break;
      case Do::READ:
        this->plan_.want_all();
        break;
      case Do::WANT:
        if (!this->slots_.empty())
          this->plan_.want(&this->entities_[number % this->entities_.size()]);
        break;
      case Do::SLEEP:
        this->asleep_until_ = this->now_ + number;
        break;
      case Do::REPLACE:
        this->meter_++;
        break;
      case Do::CHAT:
      case Do::HOLD:
        this->chatter_.questions += number;
        this->chatter_.holds = what == Do::HOLD;
        break;
      case Do::FLOOD:
        for (; number > 0; number--) {
          this->plan_.want_update();
          this->ask_next_();
        }
        break;
      case Do::HEAL:
        this->asleep_until_ = 0;
        this->faults_.clear();
        break;
    }
  }

  // The hub

  void run_until_(uint64_t end) {
    // Each pass asks something or advances the time; no scenario needs this many.
    for (int passes = 0; passes < 20000; passes++) {
      this->fire_timers_();
      if (this->now_ < end && this->ask_next_())
        continue;
      const uint64_t next = std::min(this->next_update_, this->next_poll_);
      if (next > end) {
        this->now_ = std::max(this->now_, end);
        return;
      }
      this->now_ = std::max(this->now_, next);
    }
    this->write(Kind::STUCK);
  }

  void fire_timers_() {
    if (this->now_ >= this->next_update_) {
      this->write(Kind::HUB_UPDATE);
      this->plan_.want_update();
      this->schedule_.join_update(this->now_);
      this->next_update_ += this->update_interval_;
      if (this->next_update_ <= this->now_)
        this->next_update_ = this->now_ + this->update_interval_;
      this->poll_schedule_();
    } else if (this->now_ >= this->next_poll_) {
      this->poll_schedule_();
    }
  }

  void poll_schedule_() {
    this->schedule_.poll(this->now_);
    const auto wait = this->schedule_.wait(this->now_);
    this->next_poll_ = wait.has_value() ? this->now_ + *wait : UINT64_MAX;
  }

  bool ask_next_() {
    std::vector<bool> wanted;
    for (const auto &slot : this->slots_)
      wanted.push_back(slot.wanted);
    const auto question = this->turns_.next(this->now_);
    if (this->plan_.is_updating() && !this->is_updating_) {
      this->is_updating_ = true;
      this->update_++;
      this->write(Kind::BEGIN);
      for (uint8_t i = 0; i < wanted.size(); i++) {
        if (wanted[i] && !this->slots_[i].is_due())
          this->write(Kind::SKIPPED, i);
      }
    }
    this->compare_();
    if (!question.has_value())
      return false;
    this->ask_(*question, this->turns_.current());
    this->compare_();
    return true;
  }

  void ask_(const kmp::Request &request, Asker *asker) {
    const auto who = static_cast<uint8_t>(asker == &this->plan_ ? 0 : 1);
    this->value_now_ = 0;
    kmp::Attempt attempt;
    uint8_t sent[kmp::MAX_REQUEST_SIZE];
    request.encode(sent);
    auto *event =
        this->write(Kind::ASK, who, static_cast<uint8_t>(this->flags_(request) | (request.is_once() ? ONCE : 0)));
    event->command = sent[2];
    this->write_ids_(event, request);
    Fault fault{};
    for (int left = request.is_once() ? 0 : this->retries_; left >= 0; left--) {
      fault = this->next_fault_();
      if (fault == Fault::NO_PORT)
        return this->fail_(request, kmp::Evidence::NO_PORT, who, asker);
      this->now_ += this->latency_;
      this->fire_timers_();
      const auto frame = attempt.begin(request);
      if (fault == Fault::ECHO) {
        for (const uint8_t byte : frame)
          attempt.receive(byte, kmp::ReadResult::NOTHING);
      } else if (fault == Fault::GARBLED || fault == Fault::CHECKSUM) {
        attempt.receive(0x55, fault == Fault::GARBLED ? kmp::ReadResult::NOTHING : kmp::ReadResult::BAD_CRC);
      } else if (fault != Fault::SILENCE && fault != Fault::LATE && this->is_answered_(request)) {
        return this->answer_(request, attempt, fault, who, asker);
      }
      asker->attempt_failed(attempt);
    }
    this->fail_(request, attempt.evidence(), who, asker);
    if (fault == Fault::LATE)
      asker->unasked_byte(kmp::START_OF_REPLY);
  }

  void fail_(const kmp::Request &request, kmp::Evidence evidence, uint8_t who, Asker *asker) {
    this->write(Kind::FAILED, who, static_cast<uint8_t>(evidence))->command = static_cast<uint8_t>(request.command());
    asker->failed(request, evidence, this->now_);
  }

  static void write_ids_(Event *event, const kmp::Request &request) {
    for (; event->count < request.register_count(); event->count++)
      event->ids[event->count] = request.register_id(event->count);
  }

  uint8_t flags_(const kmp::Request &request) const {
    uint8_t flags = WHOLE | ONLY_DUE;
    for (uint8_t i = 0; i < request.register_count(); i++) {
      const uint16_t id = request.register_id(i);
      // The plan asks for it by itself, too.
      bool is_due = id == SERIAL_NUMBER;
      bool is_whole = is_due;
      for (const auto &slot : this->slots_) {
        const auto pair = slot.asked;
        if (!slot.is_due() || (id != pair.id && (id != pair.companion_id || !slot.has_companion())))
          continue;
        is_due = true;
        is_whole = is_whole || slot.is_asked_by(request);
      }
      flags = static_cast<uint8_t>(flags & ((is_due ? ONLY_DUE : 0) | (is_whole ? WHOLE : 0)));
    }
    return flags;
  }

  void compare_() {
    if (this->health_.is_connected() != this->is_connected_) {
      this->is_connected_ = !this->is_connected_;
      this->write(this->is_connected_ ? Kind::FOUND : Kind::LOST);
    }
    for (uint8_t i = 0; i < this->slots_.size(); i++) {
      const auto &slot = this->slots_[i];
      const bool is_missing = slot.knowledge == ReadingSlot::Knowledge::MISSING;
      if (is_missing && !this->is_missing_[i])
        this->write(Kind::MISSING, i);
      this->is_missing_[i] = is_missing;
      if (slot.is_due() && !this->is_due_[i]) {
        this->slot_due_(i);
      } else if (!slot.is_due() && this->is_due_[i]) {
        const bool has_value = (this->value_now_ >> i & 1) != 0;
        const Outcome outcome = has_value ? Outcome::VALUE : is_missing ? Outcome::MISSING : Outcome::FAILED;
        auto *event = this->write(Kind::ENDED, i, static_cast<uint8_t>(outcome));
        event->ids[event->count++] = slot.asked.id;
        this->is_due_[i] = false;
      }
    }
  }

  void slot_due_(uint8_t index) {
    const auto pair = this->slots_[index].asked;
    auto *event = this->write(Kind::DUE, index);
    event->ids[event->count++] = pair.id;
    if (this->slots_[index].has_companion())
      event->ids[event->count++] = pair.companion_id;
    this->is_due_[index] = true;
    this->has_come_[index] = false;
  }

  // The meter

  Fault next_fault_() {
    if (this->fault_ >= this->faults_.size()) {
      if (!this->repeats_ || this->faults_.empty())
        return Fault::NONE;
      this->fault_ = 0;
    }
    return this->faults_[this->fault_++];
  }

  const Meter &meter_here_() const { return this->meters_[this->meter_ % this->meters_.size()]; }

  bool is_answered_(const kmp::Request &request) const {
    const Meter &meter = this->meter_here_();
    if (this->now_ < this->asleep_until_ || meter.refuses.contains(static_cast<uint8_t>(request.command())))
      return false;
    for (uint8_t i = 0; i < request.register_count(); i++) {
      if (meter.silent_about.contains(request.register_id(i)))
        return false;
    }
    return true;
  }

  void answer_(const kmp::Request &request, kmp::Attempt &attempt, Fault fault, uint8_t who, Asker *asker) {
    const auto serial_no = static_cast<uint8_t>(1 + this->meter_);
    std::vector<uint8_t> data{kmp::ADDRESS_HEAT_METER, static_cast<uint8_t>(request.command())};
    auto *event = this->write(Kind::ANSWERED, who);
    event->command = static_cast<uint8_t>(request.command());
    if (request.command() != kmp::Command::GET_REGISTER) {
      data.insert(data.end(), {0, 0, 0, serial_no});
    } else {
      const uint8_t begin = fault == Fault::NOT_FIRST ? 1 : 0;
      const auto end = static_cast<uint8_t>(fault == Fault::EMPTY      ? 0
                                            : fault == Fault::NOT_LAST ? request.register_count() - 1
                                                                       : request.register_count());
      for (uint8_t i = begin; i < end; i++) {
        const uint16_t id = request.register_id(i);
        if (this->meter_here_().lacks.contains(id))
          continue;
        data.insert(data.end(), {static_cast<uint8_t>(id >> 8), static_cast<uint8_t>(id), 2, 4, 0, 0, 0, 0, serial_no});
        event->ids[event->count++] = id;
      }
    }
    kmp::FrameReader reader;
    for (const uint8_t byte : frame_of(data))
      attempt.receive(byte, reader.feed(byte));
    const auto reply = kmp::Reply::parse(reader, request);
    asker->answered({.request = request, .reply = reply.value(), .attempt = attempt, .delay = this->latency_},
                    this->now_);
  }

  using Action = std::pair<Do, uint64_t>;

  std::vector<Event> trace_;
  std::vector<Entity> entities_;
  std::vector<ReadingSlot> slots_;
  std::vector<IntervalSchedule::Entry> entries_;
  std::vector<Meter> meters_;
  std::vector<Fault> faults_;
  std::vector<Action> actions_;
  uint64_t now_{0};
  uint64_t next_update_{UINT64_MAX};
  uint64_t next_poll_{UINT64_MAX};
  uint64_t asleep_until_{0};
  uint32_t update_interval_{0};
  uint32_t latency_{0};
  uint16_t update_{0};
  size_t fault_{0};
  size_t meter_{0};
  uint8_t retries_{0};
  bool repeats_{false};
  bool is_connected_{false};
  bool is_updating_{false};
  // What the trace says of the slots
  std::vector<bool> is_due_;
  std::vector<bool> is_missing_;
  std::vector<bool> has_come_;
  uint64_t value_now_{0};

  LinkHealth health_;
  ReadingPlan plan_{this, &this->health_};
  IntervalSchedule schedule_{&this->plan_};
  Chatter chatter_;
  Asker *askers_[2]{&this->plan_, &this->chatter_};
  AskerTurns turns_;
};

bool Entity::on_value(const Reading &reading) { return this->world->take_value(this->slot, reading, this->doubt); }
void Entity::on_unknown() { this->world->write(Kind::UNKNOWN, this->slot); }
void Entity::on_new_meter() { this->world->write(Kind::NEW_METER, this->slot); }

py::list run(const py::object &scenario) {
  World world(scenario);
  py::list trace;
  const auto make = py::module_::import("kmp.plan").attr("Event");
  for (const auto &event : world.run()) {
    py::tuple ids(event.count);
    for (uint8_t i = 0; i < event.count; i++)
      ids[i] = event.ids[i];
    trace.append(make(event.time, event.update, event.kind, event.slot, event.value, event.command, ids));
  }
  return trace;
}

/// Registers an enumeration whose values count from 0.
/// @param names of all values in order, separated by spaces
template<typename E> void bind_enum(py::module_ &m, const char *name, E last, const char *names) {
  py::native_enum<E> made(m, name, "enum.IntEnum");
  uint8_t count = 0;
  std::istringstream words(names);
  for (std::string word; words >> word; count++)
    made.value(word.c_str(), static_cast<E>(count));
  if (count != static_cast<uint8_t>(last) + 1)
    throw py::value_error(name);
  made.finalize();
}

}  // namespace

void bind_plan(py::module_ &m) {
  bind_enum(m, "Kind", Kind::STUCK,
            "BEGIN SKIPPED DUE ENDED UPDATE_END ASK ANSWERED FAILED VALUE MISSING UNKNOWN NEW_METER NEWS REFUSED "
            "METER_TYPE REPLACED FOUND LOST HUB_UPDATE ACTION LIKELY STUCK");
  bind_enum(m, "Outcome", Outcome::FAILED, "VALUE MISSING FAILED");
  bind_enum(m, "Fault", Fault::LATE, "NONE SILENCE ECHO GARBLED CHECKSUM NO_PORT NOT_FIRST NOT_LAST EMPTY LATE");
  bind_enum(m, "Do", Do::HEAL, "WAIT JUMP ASK UPDATE READ WANT SLEEP REPLACE CHAT HOLD FLOOD HEAL");
  bind_enum(m, "Doubt", Doubt::ALWAYS, "NEVER ONCE ALWAYS");
  bind_enum(m, "Schedule", Schedule::REQUEST, "UPDATES OWN_INTERVAL IDENTITY MANUAL REQUEST");
  bind_enum(m, "RegisterNews", RegisterNews::STOPPED, "LEFT_OUT SILENCES STOPPED");
  m.attr("WHOLE") = uint8_t{WHOLE};
  m.attr("ONLY_DUE") = uint8_t{ONLY_DUE};
  m.attr("ONCE") = uint8_t{ONCE};
  m.attr("WITHOUT_KNOWN_COMPANION") = uint8_t{WITHOUT_KNOWN_COMPANION};
  m.def("run_plan", &run);
}
