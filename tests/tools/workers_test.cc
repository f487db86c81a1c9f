#include "tools/hawser/workers.h"

#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace hawser::cli {
namespace {

bool always(std::size_t) { return true; }

TEST(WorkersTest, EachPieceIsDoneOnceHoweverManyThreads) {
  for (const unsigned jobs : {1U, 2U, 7U}) {
    std::vector<std::atomic<int>> done(1000);
    do_pieces(
        done.size(), jobs, [&done](std::size_t i, const std::atomic<bool>&) { ++done[i]; }, always);
    for (const auto& each : done) EXPECT_EQ(each, 1) << jobs << " threads";
  }
}

TEST(WorkersTest, NoPiecesAreNoWork) {
  do_pieces(
      0, 3, [](std::size_t, const std::atomic<bool>&) { FAIL(); }, always);
}

TEST(WorkersTest, OneThreadKeepsTheOrder) {
  std::vector<std::size_t> order;
  do_pieces(
      3, 1, [&order](std::size_t i, const std::atomic<bool>&) { order.push_back(i); }, always);
  EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2}));
}

TEST(WorkersTest, AfterANoPiecesGiveUpAndNoMoreAreBegun) {
  std::atomic<int> begun = 0;
  // A piece that waits for the flag alone ends only because it is set.
  const Piece spin = [&begun](std::size_t, const std::atomic<bool>& is_cancelled) {
    ++begun;
    while (!is_cancelled) {
    }
  };
  do_pieces(100, 2, spin, [](std::size_t) { return false; });
  EXPECT_LE(begun, 2);
}

TEST(WorkersTest, WhatAPieceThrowsIsThrownToTheCaller) {
  std::atomic<int> begun = 0;
  const Piece fail = [&begun](std::size_t, const std::atomic<bool>&) {
    ++begun;
    throw std::runtime_error("piece");
  };
  EXPECT_THROW(do_pieces(100, 1, fail, always), std::runtime_error);
  EXPECT_EQ(begun, 1);
}

}  // namespace
}  // namespace hawser::cli
