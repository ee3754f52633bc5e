// The pure classes as a Python module. Plain data becomes the NamedTuples of library.py; see casters.h.

#include <cmath>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <pybind11/native_enum.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "asker_turns.h"
#include "casters.h"
#include "energy_total.h"
#include "found_register.h"
#include "info_codes.h"
#include "kmp_conversation.h"
#include "kmp_text.h"
#include "kmp_value.h"
#include "link_health.h"
#include "plan.h"
#include "total_guard.h"

namespace py = pybind11;
using namespace esphome::multical;
using namespace esphome::multical::kmp;

template<>
class py::detail::type_caster<Decimal>
    : public TupleCaster<Decimal, "Number", &Decimal::mantissa, &Decimal::exponent, &Decimal::negative> {};
template<>
class py::detail::type_caster<Ratio>
    : public TupleCaster<Ratio, "Ratio", &Ratio::numerator, &Ratio::denominator, &Ratio::exponent> {};
template<>
class py::detail::type_caster<RegisterValue>
    : public TupleCaster<RegisterValue, "Value", &RegisterValue::unit, &RegisterValue::data,
                         &RegisterValue::sign_exponent, &RegisterValue::id> {};
template<>
class py::detail::type_caster<Attempt>
    : public TupleCaster<Attempt, "Attempt", &Attempt::evidence, &Attempt::received_size, &Attempt::echo_size,
                         &Attempt::zero_count, &Attempt::kept> {};
template<>
class py::detail::type_caster<MeterType>
    : public TupleCaster<MeterType, "MeterType", &MeterType::type, &MeterType::revision_letter,
                         &MeterType::revision_number> {};
template<>
class py::detail::type_caster<EnergyTotal::Total>
    : public TupleCaster<EnergyTotal::Total, "Total", &EnergyTotal::Total::value, &EnergyTotal::Total::unit> {};
template<>
class py::detail::type_caster<InfoCodes>
    : public TupleCaster<InfoCodes, "InfoCodes", &InfoCodes::active, &InfoCodes::tellable, &InfoCodes::has_unknown> {};

// Nobody can make a request with an arbitrary command.
static_assert(!std::is_constructible_v<Request, Command>);
static_assert(!std::is_default_constructible_v<Request>);

namespace {

Request make_request(Command command, const std::vector<uint16_t> &ids, bool once) {
  Request request = command == Command::GET_TYPE        ? Request::get_type()
                    : command == Command::GET_SERIAL_NO ? Request::get_serial_no()
                                                        : Request::get_registers();
  for (const uint16_t id : ids) {
    if (!request.add_register(id))
      throw py::value_error("too many registers");
  }
  if (once)
    request.set_once();
  return request;
}

py::tuple ids_of(const Request &request) {
  py::tuple ids(request.register_count());
  for (uint8_t i = 0; i < request.register_count(); i++)
    ids[i] = request.register_id(i);
  return ids;
}

/// What a Request is made of.
py::tuple parts_of(const Request &request) {
  return py::make_tuple(request.command(), ids_of(request), request.is_once());
}

py::bytes encode(const Request &request) {
  uint8_t frame[MAX_REQUEST_SIZE];
  return {reinterpret_cast<const char *>(frame), request.encode(frame)};
}

/// A reply is valid only until the reader's next byte: its content becomes a Python Reply, with the registers in the
/// order in which they were asked for.
py::object to_python(const Reply &reply, const Request &request) {
  const auto make = py::module_::import("kmp.library").attr("Reply");
  if (reply.command() == Command::GET_TYPE)
    return make(reply.command(), py::arg("meter_type") = reply.meter_type());
  if (reply.command() == Command::GET_SERIAL_NO)
    return make(reply.command(), py::arg("serial_no") = reply.serial_no());
  py::list registers;
  for (uint8_t i = 0; i < request.register_count(); i++) {
    if (const auto value = reply.find_register(request.register_id(i)))
      registers.append(*value);
  }
  return make(reply.command(), py::tuple(registers));
}

/// The text that a function writes into a buffer of this size.
template<size_t SIZE, typename Write> std::string written(Write write) {
  char text[SIZE];
  std::fill_n(text, SIZE, '#');
  write(std::span<char, SIZE>(text));
  const char *end = std::find(text, text + SIZE, char{});
  if (end == text + SIZE)
    throw py::value_error("text without an end");
  return {text, static_cast<size_t>(end - text)};
}

/// An attempt that has asked this and received this.
Attempt make_attempt(const std::optional<Request> &request, std::span<const uint8_t> received) {
  Attempt attempt;
  if (request) {
    // First, a different attempt is made with the same object.
    Request before = Request::get_registers();
    for (uint16_t i = 0; i < MAX_REGISTERS; i++)
      before.add_register(static_cast<uint16_t>(0x5500 + i));
    for (const uint8_t byte : attempt.begin(before))
      attempt.receive(byte, ReadResult::BAD_CRC);
    attempt.receive(0x00, ReadResult::NOTHING);
    attempt.begin(*request);
  }
  FrameReader reader;
  for (const uint8_t byte : received)
    attempt.receive(byte, reader.feed(byte));
  return attempt;
}

/// All results except NOTHING, and address, command and payload of the frames.
py::tuple feed_all(FrameReader &reader, std::span<const uint8_t> data) {
  py::list results, frames;
  for (const uint8_t byte : data) {
    const ReadResult result = reader.feed(byte);
    if (result != ReadResult::NOTHING)
      results.append(result);
    if (result == ReadResult::FRAME) {
      std::string frame{static_cast<char>(reader.address()), static_cast<char>(reader.command())};
      frame.append(reader.payload().begin(), reader.payload().end());
      frames.append(py::bytes(frame));
    }
  }
  return py::make_tuple(results, frames);
}

/// A conversation that talks to a Python object, which outlives it.
class PythonConversation final : protected ConversationHandler, public Conversation {
 public:
  explicit PythonConversation(py::handle handler) : Conversation(this), handler_(handler) {}

  /// Polls every `interval` milliseconds as long as it makes no difference: nothing is reported, and is_idle() stays.
  /// @param count how often at most
  /// @return how often it polled
  uint32_t poll_unnoticed(uint32_t now, uint32_t interval, uint32_t count) {
    this->trying_ = true;
    uint32_t polls = 0;
    for (; polls < count; polls++) {
      const Conversation before = *this;
      this->noticed_ = false;
      now += interval;
      this->poll(now);
      if (this->noticed_ || this->is_idle() != before.is_idle()) {
        Conversation::operator=(before);
        break;
      }
    }
    this->trying_ = false;
    return polls;
  }

 protected:
  template<typename... Args> py::object tell_(const char *what, const Args &...args) {
    this->noticed_ = true;
    return this->trying_ ? py::cast(false) : this->handler_.attr(what)(args...);
  }

  void send(std::span<const uint8_t> frame) override { this->tell_("send", frame); }
  void on_answer(const Answer &answer) override {
    const auto make = py::module_::import("kmp.library").attr("Answer");
    this->tell_("on_answer",
                make(answer.request, to_python(answer.reply, answer.request), answer.attempt, answer.delay));
  }
  bool on_attempt_failed(const Attempt &attempt) override {
    return this->tell_("on_attempt_failed", attempt).template cast<bool>();
  }
  void on_failure(const Request &request, const Attempt &attempt) override {
    this->tell_("on_failure", request, attempt);
  }
  void on_late_reply(const Attempt &attempt, uint32_t delay) override { this->tell_("on_late_reply", attempt, delay); }

  py::handle handler_;
  bool trying_{false};
  bool noticed_{false};
};

/// An asker that does what a Python object says.
class PythonAsker final : public Asker {
 public:
  explicit PythonAsker(py::object asker) : asker_(std::move(asker)) {}

  Need need() const override { return this->asker_.attr("need")().cast<Need>(); }
  std::optional<Request> next(uint64_t now) override {
    return this->asker_.attr("next")(now).cast<bool>() ? std::optional(Request::get_registers()) : std::nullopt;
  }
  void answered(const Answer & /*answer*/, uint64_t /*now*/) override {}
  void failed(const Request & /*request*/, Evidence /*evidence*/, uint64_t /*now*/) override {}

 protected:
  py::object asker_;
};

class PythonAskerTurns final {
 public:
  explicit PythonAskerTurns(const py::list &askers) {
    for (const auto &asker : askers)
      this->askers_.emplace_back(py::reinterpret_borrow<py::object>(asker));
    for (auto &asker : this->askers_)
      this->pointers_.push_back(&asker);
    this->turns_.set_askers(this->pointers_);
  }

  bool is_needed() const { return this->turns_.is_needed(); }
  /// The number of the current asker.
  size_t current() const {
    return static_cast<size_t>(std::ranges::find(this->pointers_, this->turns_.current()) - this->pointers_.begin());
  }
  /// The number of the asker whose request is next.
  std::optional<size_t> next(uint64_t now) {
    return this->turns_.next(now) ? std::optional(this->current()) : std::nullopt;
  }

 protected:
  std::vector<PythonAsker> askers_;
  std::vector<Asker *> pointers_;
  AskerTurns turns_;
};

void bind_constants(py::module_ &m) {
  m.attr("MAX_REGISTERS") = MAX_REGISTERS;
  m.attr("MAX_REQUEST_SIZE") = MAX_REQUEST_SIZE;
  m.attr("MAX_REPLY_SIZE") = MAX_REPLY_SIZE;
  m.attr("MAX_UNIT_NAME_SIZE") = MAX_UNIT_NAME_SIZE;
  m.attr("MAX_TEXT_SIZE") = MAX_TEXT_SIZE;
  m.attr("MAX_INFO_TEXT_SIZE") = MAX_INFO_TEXT_SIZE;
  m.attr("MAX_KEPT") = size_t{Attempt::MAX_KEPT};
  m.attr("LONGEST_GAP") = uint32_t{Conversation::LONGEST_GAP};
  m.attr("LONGEST_REPLY") = uint32_t{Conversation::LONGEST_REPLY};
  m.attr("MAX_RESPONSE_TIMEOUT") = uint32_t{Conversation::MAX_RESPONSE_TIMEOUT};
  m.attr("WINDOW") = uint8_t{LinkHealth::WINDOW};
  m.attr("MIN_PULSES") = uint8_t{LinkHealth::MIN_PULSES};
  m.attr("MIN_LOW_SAMPLES") = uint8_t{LinkHealth::MIN_LOW_SAMPLES};
  m.attr("FAILED_UPDATES_UNTIL_GONE") = uint8_t{LinkHealth::FAILED_UPDATES_UNTIL_GONE};
}

void bind_enums(py::module_ &m) {
  py::native_enum<Command>(m, "Command", "enum.IntEnum")
      .value("GET_TYPE", Command::GET_TYPE)
      .value("GET_SERIAL_NO", Command::GET_SERIAL_NO)
      .value("GET_REGISTER", Command::GET_REGISTER)
      .finalize();
  py::native_enum<ReadResult>(m, "ReadResult", "enum.IntEnum")
      .value("NOTHING", ReadResult::NOTHING)
      .value("FRAME", ReadResult::FRAME)
      .value("BAD_ESCAPE", ReadResult::BAD_ESCAPE)
      .value("TOO_SHORT", ReadResult::TOO_SHORT)
      .value("TOO_LONG", ReadResult::TOO_LONG)
      .value("BAD_CRC", ReadResult::BAD_CRC)
      .finalize();
  py::native_enum<Evidence>(m, "Evidence", "enum.IntEnum")
      .value("ANSWER", Evidence::ANSWER)
      .value("NOTHING", Evidence::NOTHING)
      .value("ECHO", Evidence::ECHO)
      .value("GARBLED", Evidence::GARBLED)
      .value("CHECKSUM", Evidence::CHECKSUM)
      .value("LATE", Evidence::LATE)
      .value("NO_PORT", Evidence::NO_PORT)
      .finalize();
  py::native_enum<LinkStatus>(m, "LinkStatus", "enum.IntEnum")
      .value("STARTING", LinkStatus::STARTING)
      .value("OK", LinkStatus::OK)
      .value("NO_ANSWER", LinkStatus::NO_ANSWER)
      .value("ECHO_ONLY", LinkStatus::ECHO_ONLY)
      .value("GARBLED", LinkStatus::GARBLED)
      .value("CHECKSUM_ERRORS", LinkStatus::CHECKSUM_ERRORS)
      .value("LINE_LOW", LinkStatus::LINE_LOW)
      .value("PULSES", LinkStatus::PULSES)
      .value("LATE_ANSWERS", LinkStatus::LATE_ANSWERS)
      .value("NO_PORT", LinkStatus::NO_PORT)
      .finalize();
  py::native_enum<Need>(m, "Need", "enum.IntEnum")
      .value("NOTHING", Need::NOTHING)
      .value("TURN", Need::TURN)
      .value("LINE", Need::LINE)
      .finalize();
  py::native_enum<InfoForm>(m, "InfoForm", "enum.IntEnum")
      .value("BITS", InfoForm::BITS)
      .value("DIGITS", InfoForm::DIGITS)
      .value("SUM", InfoForm::SUM)
      .value("WATER", InfoForm::WATER)
      .value("UNKNOWN", InfoForm::UNKNOWN)
      .finalize();
  py::native_enum<YamlPlace>(m, "YamlPlace", "enum.IntEnum")
      .value("SENSOR", YamlPlace::SENSOR)
      .value("SENSOR_BY_NUMBER", YamlPlace::SENSOR_BY_NUMBER)
      .value("TEXT_SENSOR", YamlPlace::TEXT_SENSOR)
      .value("TEXT_SENSOR_BY_NUMBER", YamlPlace::TEXT_SENSOR_BY_NUMBER)
      .finalize();
}

void bind_functions(py::module_ &m) {
  m.def("line_time_ms", &line_time_ms);
  m.def("attempt", &make_attempt);
  m.def("attempt_frame", [](const Request &request) { return py::cast(Attempt().begin(request)); });
  m.def("to_float", &to_float);
  m.def("to_float", [](const Decimal &number) { return to_float(number, {}); });
  m.def("find_ratio", &find_ratio, py::arg("source"), py::arg("target"), py::arg("plain") = 0);
  m.def("to_decimal", &RegisterValue::to_decimal);
  m.def("to_whole", &to_whole);
  m.def("unit_name",
        [](uint8_t unit) { return written<MAX_UNIT_NAME_SIZE>([unit](auto text) { unit_name(unit, text); }); });
  m.def("text", [](const RegisterValue &value) {
    return written<MAX_TEXT_SIZE>([&value](auto text) { to_text(value, text); });
  });
  m.def("date_time_text", [](const RegisterValue &day, const RegisterValue &time) -> std::optional<std::string> {
    const auto date = to_date_time(day);
    const auto date_time = date ? to_date_time(time, *date) : std::nullopt;
    if (!date_time)
      return {};
    return written<MAX_TEXT_SIZE>([&date_time](auto text) { to_text(*date_time, text); });
  });
  m.def("info_codes", &to_info_codes);
  m.def("info_text", [](uint32_t value, InfoForm form) {
    return written<MAX_INFO_TEXT_SIZE>([value, form](auto text) { to_info_text(value, form, text); });
  });
  m.def("info_number", [](uint32_t value, InfoForm form) {
    return written<MAX_INFO_NUMBER_SIZE>([value, form](auto text) { to_info_number(value, form, text); });
  });
  m.def("found_register", [](uint16_t id, uint8_t unit, bool is_number) {
    const FoundRegister found(id);
    const YamlEntity entity = found.entity(unit, is_number);
    const auto name = written<MAX_REGISTER_NAME_SIZE>([&found](auto text) { found.read_name(text); });
    return py::module_::import("kmp.library")
        .attr("FoundRegister")(entity.place, entity.needs_unit, found.part_of(), name);
  });
}

void bind_classes(py::module_ &m) {
  py::class_<Request>(m, "Request")
      .def(py::init(&make_request), py::arg("command"), py::arg("ids") = py::tuple(), py::arg("once") = false)
      .def_property_readonly("command", &Request::command)
      .def_property_readonly("ids", &ids_of)
      .def("add_register", &Request::add_register)
      .def("add_registers", &Request::add_registers)
      .def("encode", &encode)
      .def("__eq__", [](const Request &a, const Request &b) { return parts_of(a).equal(parts_of(b)); })
      .def("__repr__", [](const Request &self) { return "Request" + py::repr(parts_of(self)).cast<std::string>(); });
  py::class_<FrameReader>(m, "Reader")
      .def(py::init())
      .def("feed", &FrameReader::feed)
      .def("feed_all", &feed_all)
      .def("reset", &FrameReader::reset)
      .def_property_readonly("in_frame", &FrameReader::in_frame)
      .def("parse", [](const FrameReader &reader, const Request &request) -> std::optional<py::object> {
        const auto reply = Reply::parse(reader, request);
        return reply ? std::optional(to_python(*reply, request)) : std::nullopt;
      });
  py::class_<PythonConversation>(m, "Conversation")
      .def(py::init<py::handle>())
      .def("set_response_timeout", &PythonConversation::set_response_timeout)
      .def("set_retries", &PythonConversation::set_retries)
      .def_property_readonly("is_idle", &PythonConversation::is_idle)
      .def_property_readonly("is_done", &PythonConversation::is_done)
      .def_property_readonly("is_waiting", &PythonConversation::is_waiting)
      .def("start", &PythonConversation::start)
      .def("receive", &PythonConversation::receive)
      .def("poll", &PythonConversation::poll)
      .def("poll_unnoticed", &PythonConversation::poll_unnoticed);
  py::class_<PythonAskerTurns>(m, "AskerTurns")
      .def(py::init<py::list>())
      .def_property_readonly("current", &PythonAskerTurns::current)
      .def_property_readonly("is_needed", &PythonAskerTurns::is_needed)
      .def("next", &PythonAskerTurns::next);
  py::class_<LinkHealth>(m, "LinkHealth")
      .def(py::init())
      .def_property_readonly("status", &LinkHealth::status)
      .def_property_readonly("is_connected", &LinkHealth::is_connected)
      .def("request_answered", &LinkHealth::request_answered)
      .def("attempt_failed",
           [](LinkHealth &health, const Request &request, std::span<const uint8_t> received) {
             health.attempt_failed(make_attempt(request, received));
           })
      .def("update_failed", &LinkHealth::update_failed)
      .def("answered_late", &LinkHealth::answered_late)
      .def("unasked_byte", &LinkHealth::unasked_byte)
      .def("pulses_seen", &LinkHealth::pulses_seen)
      .def("line_sampled", &LinkHealth::line_sampled)
      .def("port_checked", &LinkHealth::port_checked);
  py::class_<LinkCounters>(m, "LinkCounters")
      .def(py::init())
      .def_property_readonly("requests", &LinkCounters::requests)
      .def_property_readonly("failed_requests", &LinkCounters::failed_requests)
      .def("request_sent", &LinkCounters::request_sent)
      .def("reading_completed", &LinkCounters::reading_completed)
      .def("last_reading_age", &LinkCounters::last_reading_age);
  py::class_<EnergyTotal>(m, "EnergyTotal")
      .def(py::init())
      .def("restore", &EnergyTotal::restore)
      .def_property_readonly("was_fine", &EnergyTotal::was_fine)
      .def_property_readonly("disagrees", &EnergyTotal::disagrees)
      .def_property_readonly("contradicts", &EnergyTotal::contradicts)
      .def("take", &EnergyTotal::take, py::arg("coarse"), py::arg("fine"), py::arg("fine_is_gone") = false)
      .def("published", &EnergyTotal::published);
  py::class_<TotalGuard>(m, "TotalGuard")
      .def(py::init())
      .def("restore", &TotalGuard::restore)
      .def("take", &TotalGuard::take, py::arg("total"), py::arg("contradicted") = false)
      .def("must_keep", &TotalGuard::must_keep)
      .def_property_readonly("last", &TotalGuard::last);
}

}  // namespace

PYBIND11_MODULE(multical_library, m) {
  bind_enums(m);
  bind_constants(m);
  bind_functions(m);
  bind_classes(m);
  bind_plan(m);
}
