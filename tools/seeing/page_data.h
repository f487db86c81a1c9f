#pragma once
/// Data within an HTML page, for the page's own script.

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace hawser::seeing {

/// As text within a script element, which nothing in it can end.
std::string embedded_json(const nlohmann::ordered_json& json);
/// The page with `data` where it says `{{DATA}}`, once.
std::string page_with_data(std::string_view page, std::string_view data);

}  // namespace hawser::seeing
