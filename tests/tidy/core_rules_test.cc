#include <gmock/gmock.h>

#include "tests/tidy/rules.h"

namespace hawser::tidy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Findings core(std::string text, std::string path = "arq/a.cc") {
  return check_core({{{std::move(path), std::move(text)}}, {}});
}

TEST(CheckCoreTest, NamesTheFileTheLineAndTheWord) {
  EXPECT_THAT(
      core("\nauto now = std::chrono::steady_clock::now();\n"),
      ElementsAre(Finding{"arq/a.cc", 2, "`steady_clock` reads a clock; `now` is passed in"}));
}

TEST(CheckCoreTest, FindsClocksRandomnessAndDistributions) {
  for (const std::string word :
       {"std::chrono::system_clock", "clock_gettime", "gettimeofday", "std::random_device",
        "rand()", "std::mt19937", "getrandom", "std::uniform_int_distribution",
        "std::normal_distribution", "time(nullptr)", "std::time(nullptr)", "return time(0)",
        "2 * log(x)", "std::pow(a, b)"}) {
    EXPECT_EQ(core("void f() { x = " + word + "; }").size(), 1U) << word;
  }
}

TEST(CheckCoreTest, FindsExceptionsAndRunTimeTypes) {
  for (const std::string word : {"throw 1", "dynamic_cast<A*>(b)", "typeid(a)"}) {
    EXPECT_EQ(core("void f() { " + word + "; }").size(), 1U) << word;
  }
  const std::string catching = "void f() { try { g(); } catch (...) {} }";
  EXPECT_EQ(core(catching).size(), 2U);
  EXPECT_THAT(core(catching, "transport/connection/out_of_memory.h"), IsEmpty());
}

TEST(CheckCoreTest, FindsHeaders) {
  for (const std::string header : {"random", "thread", "mutex", "iostream", "ctime"}) {
    EXPECT_EQ(core("#include <" + header + ">\n").size(), 1U) << header;
  }
  EXPECT_THAT(core("#include <vector>\n#include \"hawser/random.h\"\n"), IsEmpty());
}

TEST(CheckCoreTest, LeavesMembersDeclarationsAndCommentsAlone) {
  EXPECT_THAT(core("// steady_clock and time(0)\n"
                   "const char* kText = \"random_device\";\n"
                   "struct A {\n"
                   "  TimePoint time(int a) const;\n"
                   "  const Log& log() const;\n"
                   "  double sqrt_of() { return std::sqrt(b.time(1) + c->log(2) + D::exp(3)); }\n"
                   "};\n"
                   "std::size_t jitter_distribution = 0;\n"),
              IsEmpty());
}

TEST(CheckCoreTest, CoversTheCoreAndNothingElse) {
  const std::string text = "int a = rand();\n";
  for (const std::string path :
       {"include/hawser/a.h", "arq/a.h", "congestion/bbr/a.cc", "transport/wire/a.cc",
        "transport/connection/a.cc", "transport/endpoint/a.cc", "tools/netsim/a.cc"}) {
    EXPECT_EQ(core(text, path).size(), 1U) << path;
  }
  for (const std::string path :
       {"transport/uv/a.cc", "tools/hawser/a.cc", "tests/a.cc", "bench/a.cc"}) {
    EXPECT_THAT(core(text, path), IsEmpty()) << path;
  }
}

TEST(CheckCoreTest, LetsTheSimulatorReadFilesAndThrow) {
  EXPECT_THAT(core("#include <fstream>\nvoid f() { throw 1; }\n", "tools/netsim/a.cc"), IsEmpty());
  EXPECT_EQ(core("#include <random>\n", "tools/netsim/a.cc").size(), 1U);
}

}  // namespace
}  // namespace hawser::tidy
