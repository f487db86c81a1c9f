#pragma once
/// `hawser decode`: what a datagram or a capture says.

#include <string>

#include "tools/hawser/command.h"
#include "tools/hawser/packet_decoder.h"

namespace hawser::cli {

class DecodeCommand final : public Command {
 public:
  std::string_view name() const override { return "decode"; }
  std::string_view description() const override {
    return "Prints the packets and frames of a datagram or of a capture file";
  }
  void declare(CLI::App& app) override;
  ExitCode run() override;

 private:
  void learn_ids(PacketDecoder& decoder) const;
  ExitCode decode_hex(PacketDecoder& decoder, const std::vector<std::uint8_t>& bytes) const;
  ExitCode decode_capture(PacketDecoder& decoder, const std::vector<std::uint8_t>& file) const;

  std::string input_;
  std::string ids_;
  bool is_json_ = false;
};

}  // namespace hawser::cli
