// The list of built-in controllers. Adding one is one include and one line here.

#include <array>
#include <new>

#include "congestion/aimd.h"
#include "congestion/bbr/bbr.h"
#include "congestion/copa.h"
#include "congestion/cubic.h"
#include "congestion/fixed_window.h"
#include "congestion/ledbat.h"
#include "congestion/new_reno.h"
#include "congestion/vegas.h"

namespace hawser {
namespace {

// Memory that cannot be had gives a null pointer, as everywhere in the library.
template <typename Controller>
std::unique_ptr<CongestionController> make(const CongestionConfig& config) {
  return std::unique_ptr<CongestionController>(new (std::nothrow) Controller(config));
}

constexpr std::array kControllers = {
    CongestionControllerFactory{"cubic", make<Cubic>},
    CongestionControllerFactory{"new_reno", make<NewReno>},
    CongestionControllerFactory{"fixed", make<FixedWindow>},
    CongestionControllerFactory{"aimd", make<Aimd>},
    CongestionControllerFactory{"vegas", make<Vegas>},
    CongestionControllerFactory{"ledbat", make<Ledbat>},
    CongestionControllerFactory{"copa", make<Copa>},
    CongestionControllerFactory{"bbr", make<Bbr>},
};

}  // namespace

std::span<const CongestionControllerFactory> congestion_controllers() { return kControllers; }

const CongestionControllerFactory* find_congestion_controller(std::string_view name) {
  for (const CongestionControllerFactory& factory : kControllers) {
    if (factory.name == name) return &factory;
  }
  return nullptr;
}

}  // namespace hawser
