#include "asker_turns.h"

namespace esphome::multical {

std::optional<kmp::Request> AskerTurns::next(uint64_t now) {
  if (this->current()->need() != Need::LINE)
    this->pass_on_();
  // Asks the first one twice: it may just have finished something, and have something new after all others.
  for (size_t i = 0; i <= this->askers_.size(); i++) {
    auto request = this->current()->next(now);
    if (request.has_value() || this->current()->need() == Need::LINE)
      return request;
    this->pass_on_();
  }
  return {};
}

void AskerTurns::pass_on_() {
  if (++this->turn_ == this->askers_.size())
    this->turn_ = 0;
}

bool AskerTurns::is_needed() const {
  for (const auto *asker : this->askers_) {
    if (asker->need() != Need::NOTHING)
      return true;
  }
  return false;
}

}  // namespace esphome::multical
