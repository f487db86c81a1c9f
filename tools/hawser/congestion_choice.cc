#include "tools/hawser/congestion_choice.h"

#include <array>
#include <utility>

#include "hawser/assert.h"

namespace hawser::cli {
namespace {

/// Passes everything on but the news that a loss was spurious.
class WithoutUndo final : public CongestionController {
 public:
  explicit WithoutUndo(std::unique_ptr<CongestionController> controller)
      : controller_(std::move(controller)) {}
  void on_sent(const SentEvent& event) override { controller_->on_sent(event); }
  void on_ack(const AckEvent& event) override { controller_->on_ack(event); }
  void on_loss(const LossEvent& event) override { controller_->on_loss(event); }
  void on_path_change(const PathChangeEvent& event) override { controller_->on_path_change(event); }
  ByteCount congestion_window() const override { return controller_->congestion_window(); }
  Bandwidth pacing_rate(const RttSnapshot& rtt) const override {
    return controller_->pacing_rate(rtt);
  }
  CongestionSnapshot snapshot() const override { return controller_->snapshot(); }

 private:
  std::unique_ptr<CongestionController> controller_;
};

// A factory has no room for the name of what it wraps: one function for each.
template <std::size_t kIndex>
std::unique_ptr<CongestionController> make_without_undo(const CongestionConfig& config) {
  return std::make_unique<WithoutUndo>(congestion_controllers()[kIndex].make(config));
}

constexpr std::size_t kControllersMax = 16;
using Factories = std::array<CongestionControllerFactory, kControllersMax>;

template <std::size_t... kIndices>
Factories make_factories(std::index_sequence<kIndices...>) {
  const auto name_of = [](std::size_t index) {
    const auto controllers = congestion_controllers();
    return index < controllers.size() ? controllers[index].name : std::string_view();
  };
  return {CongestionControllerFactory{.name = name_of(kIndices),
                                      .make = make_without_undo<kIndices>}...};
}

}  // namespace

const CongestionControllerFactory* choose_congestion(std::string_view name, bool undoes_spurious) {
  const CongestionControllerFactory* found = find_congestion_controller(name);
  if (found == nullptr || undoes_spurious) return found;
  static const Factories kFactories = make_factories(std::make_index_sequence<kControllersMax>());
  const auto index = static_cast<std::size_t>(found - congestion_controllers().data());
  HAWSER_ASSERT(index < kFactories.size());
  return &kFactories[index];
}

}  // namespace hawser::cli
