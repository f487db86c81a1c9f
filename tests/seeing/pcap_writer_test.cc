#include "tools/seeing/pcap_writer.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "hawser/memory_pool.h"
#include "tests/support/temporary_folder.h"
#include "tools/hawser/pcap_reader.h"

namespace hawser::seeing {
namespace {

using namespace std::chrono_literals;

std::vector<std::uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

class PcapWriterTest : public testing::Test {
 protected:
  netsim::Datagram datagram(std::string_view text, Ecn ecn = Ecn::not_ect) {
    netsim::Datagram datagram;
    datagram.source = *SocketAddress::parse("10.0.0.1:40000");
    datagram.destination = *SocketAddress::parse("10.1.0.2:4433");
    datagram.bytes =
        Buffer::copy_of(pool_, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    datagram.ecn = ecn;
    return datagram;
  }
  TemporaryFolder folder_;
  MemoryPool pool_{ByteCount(1 << 20)};
};

TEST_F(PcapWriterTest, WhatIsWrittenIsReadBack) {
  PcapWriter writer(folder_ / "a.pcap");
  writer.write(0ns, datagram("first"));
  writer.write(1'500'000'001ns, datagram(""));
  ASSERT_EQ(writer.file().commit(), std::error_code());

  const auto file = bytes_of(read_file(folder_ / "a.pcap"));
  cli::CaptureError error;
  const auto capture = cli::read_pcap(file, error);
  ASSERT_TRUE(capture) << error.line;
  ASSERT_EQ(capture->datagrams.size(), 2U);
  EXPECT_EQ(capture->others, 0U);
  const cli::CapturedDatagram& first = capture->datagrams[0];
  EXPECT_EQ(first.source.to_string(), "10.0.0.1:40000");
  EXPECT_EQ(first.destination.to_string(), "10.1.0.2:4433");
  EXPECT_EQ(std::string(first.bytes.begin(), first.bytes.end()), "first");
  EXPECT_EQ(capture->datagrams[1].time, 1'500'000'001ns);
  EXPECT_TRUE(capture->datagrams[1].bytes.empty());
}

TEST_F(PcapWriterTest, TheIpHeaderIsAsRfc791HasIt) {
  PcapWriter writer(folder_ / "a.pcap");
  writer.write(0ns, datagram("x", Ecn::ce));
  writer.file().commit();
  const std::string file = read_file(folder_ / "a.pcap");
  ASSERT_EQ(file.size(), 24U + 16 + 20 + 8 + 1);
  const auto header = bytes_of(file.substr(40, 20));
  const std::vector<std::uint8_t> expected{0x45, 3,    0,  29, 0, 0, 0x40, 0, 64, 17,
                                           0x26, 0xCA, 10, 0,  0, 1, 10,   1, 0,  2};
  EXPECT_EQ(header, expected);
  // RFC 1071: the sum over a header with its checksum is all ones.
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < header.size(); i += 2) sum += header[i] * 256U + header[i + 1];
  EXPECT_EQ((sum & 0xFFFF) + (sum >> 16), 0xFFFFU);
}

TEST_F(PcapWriterTest, CountsWhatHasNoIpv4Addresses) {
  PcapWriter writer(folder_ / "a.pcap");
  netsim::Datagram other = datagram("x");
  other.destination = *SocketAddress::parse("[::1]:9000");
  writer.write(0ns, other);
  EXPECT_EQ(writer.skipped(), 1U);
  writer.file().commit();
  EXPECT_EQ(read_file(folder_ / "a.pcap").size(), 24U);
}

}  // namespace
}  // namespace hawser::seeing
