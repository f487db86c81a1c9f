#include "tools/seeing/page_data.h"

#include <nlohmann/json.hpp>

namespace hawser::seeing {

std::string embedded_json(const nlohmann::ordered_json& json) {
  std::string text;
  for (const char c : json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text.push_back(c);
    }
  }
  return text;
}

std::string page_with_data(std::string_view page, std::string_view data) {
  constexpr std::string_view kPlace = "{{DATA}}";
  const std::size_t place = page.find(kPlace);
  std::string whole(page.substr(0, place));
  whole += data;
  whole += page.substr(place + kPlace.size());
  return whole;
}

}  // namespace hawser::seeing
