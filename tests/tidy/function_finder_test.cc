#include "tests/tidy/function_finder.h"

#include <gmock/gmock.h>

namespace hawser::tidy {

// How GoogleTest prints a span.
void PrintTo(const FunctionSpan& span, std::ostream* out) {
  *out << span.name << " " << span.first_line << ".." << span.last_line;
}

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<FunctionSpan> functions(std::string_view text) {
  FunctionList list = find_functions(text);
  EXPECT_TRUE(list.is_balanced);
  return list.functions;
}

TEST(FunctionFinderTest, MeasuresFromSignatureToClosingBrace) {
  EXPECT_THAT(functions("int x;\n\nint f(int a,\n      int b) {\n  return a;\n}\n"),
              ElementsAre(FunctionSpan{"f", 3, 6}));
  EXPECT_EQ((FunctionSpan{"f", 3, 6}.lines()), 4);
}

TEST(FunctionFinderTest, FindsFunctionsInNamespacesAndClasses) {
  EXPECT_THAT(
      functions("namespace a::b {\n"
                "class C final : public D<int> {\n"
                " public:\n"
                "  void f() const { g(); }\n"
                "  struct E {\n"
                "    bool h() { return true; }\n"
                "  };\n"
                "};\n"
                "}  // namespace a::b\n"
                "extern \"C\" {\n"
                "int i(void) { return 0; }\n"
                "}\n"),
      ElementsAre(FunctionSpan{"f", 4, 4}, FunctionSpan{"h", 6, 6}, FunctionSpan{"i", 11, 11}));
}

TEST(FunctionFinderTest, TakesInnerBracesAsPartOfTheFunction) {
  EXPECT_THAT(functions("void f() {\n"
                        "  if (x) {\n"
                        "    auto g = [] { return S{1}; };\n"
                        "  }\n"
                        "}\n"
                        "void h() {}\n"),
              ElementsAre(FunctionSpan{"f", 1, 5}, FunctionSpan{"h", 6, 6}));
}

TEST(FunctionFinderTest, ReadsMemberInitialiserLists) {
  EXPECT_THAT(functions("Foo::Foo(int a)\n"
                        "    : a_{a},\n"
                        "      b_(a),\n"
                        "      c_{{1}, {2}} {\n"
                        "  start();\n"
                        "}\n"
                        "Foo::~Foo() {}\n"),
              ElementsAre(FunctionSpan{"Foo::Foo", 1, 6}, FunctionSpan{"Foo::~Foo", 7, 7}));
}

TEST(FunctionFinderTest, ReadsTemplatesAndTrailingParts) {
  EXPECT_THAT(functions("template <typename T, typename U = int>\n"
                        "  requires(sizeof(T) > 1)\n"
                        "auto f(T t = {}) noexcept(true) -> std::array<int, 3> {\n"
                        "  return {};\n"
                        "}\n"),
              ElementsAre(FunctionSpan{"f", 1, 5}));
}

TEST(FunctionFinderTest, ReadsOperators) {
  EXPECT_THAT(functions("struct A {\n"
                        "  A& operator=(A a) { return *this; }\n"
                        "  bool operator==(A) const { return true; }\n"
                        "  void operator()(int) { go(); }\n"
                        "  A& operator+=(A a) { return *this = *this + a; }\n"
                        "};\n"),
              ElementsAre(FunctionSpan{"operator=", 2, 2}, FunctionSpan{"operator==", 3, 3},
                          FunctionSpan{"operator()", 4, 4}, FunctionSpan{"operator+=", 5, 5}));
}

TEST(FunctionFinderTest, NamesGoogleTestCases) {
  EXPECT_THAT(functions("TEST(FooTest, DoesIt) {\n}\n"),
              ElementsAre(FunctionSpan{"TEST(FooTest,DoesIt)", 1, 2}));
}

TEST(FunctionFinderTest, TakesALambdaVariableForAFunction) {
  EXPECT_THAT(functions("constexpr auto kF = [](int a) {\n  return a;\n};\n"),
              ElementsAre(FunctionSpan{"a lambda", 1, 3}));
}

TEST(FunctionFinderTest, PassesOverDataAndDeclarations) {
  EXPECT_THAT(functions("enum class E : int { a = (1), b };\n"
                        "struct S {\n"
                        "  int x{3};\n"
                        "  std::array<int, 2> y = {1, 2};\n"
                        "  S() = default;\n"
                        "  void f(int a = 1);\n"
                        "  virtual void g() = 0;\n"
                        "};\n"
                        "const char* kText = \"void f() {\";\n"
                        "constexpr int kTable[] = {f(1), f(2)};\n"
                        "#define F(x) void x() {\n"),
              IsEmpty());
}

TEST(FunctionFinderTest, ReportsBracesThatDoNotMatch) {
  EXPECT_FALSE(find_functions("void f() {\n").is_balanced);
  EXPECT_FALSE(find_functions("namespace a {\n").is_balanced);
  EXPECT_FALSE(find_functions("}\n").is_balanced);
  EXPECT_FALSE(find_functions("void f(\n").is_balanced);
}

}  // namespace
}  // namespace hawser::tidy
