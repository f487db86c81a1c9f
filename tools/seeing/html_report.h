#pragma once
/// A run as one HTML file that needs nothing else: no network, no script or font of others.

#include <string>
#include <utility>
#include <vector>

#include "hawser/time.h"
#include "tools/seeing/run_recorder.h"

namespace hawser::seeing {

/// Rows of figures, as text.
struct ReportTable {
  std::string caption;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  ///< as wide as `columns`
};

/// Something that was done to the path: from `at` to `until`, or at once where they are the same.
struct RunMark {
  Duration at{0};
  Duration until{0};
  std::string what;
};

/// What the recorder does not know.
struct ReportText {
  std::string title;
  std::string command;  ///< that runs it again
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<ReportTable> tables;
  std::vector<std::string> notes;
  std::vector<RunMark> marks;
  Duration duration{0};  ///< of the run
};

/// The longest that `html_report` makes, but for its tables.
inline constexpr std::size_t kReportSizeMax = 470'000;

/// The page. Where it would be longer than `kReportSizeMax`, `recorder` loses resolution: first
/// where there is most of it.
std::string html_report(const ReportText& text, RunRecorder& recorder);

}  // namespace hawser::seeing
