#pragma once
/// What a connection is held to after every event that touched it, by looking inside it and by what
/// it tells its trace sink. Pure functions of what was seen, so that each can be shown a lie.

#include <optional>
#include <string>
#include <system_error>

#include "hawser/config.h"
#include "hawser/event.h"
#include "hawser/memory_pool.h"
#include "hawser/netsim/link.h"
#include "tools/swarm/violation.h"
#include "transport/connection/connection_inspection.h"

namespace hawser::swarm {

/// What one connection's transport said since it was looked at last.
struct SentSince {
  ByteCount probe_bytes{0};    ///< exempt from the congestion window
  bool has_sent_data = false;  ///< message bytes left, and not as a probe, since the window changed
};
/// The bytes in flight are counted right, and nobody goes beyond the other's credit.
Finding check_inspection(const ConnectionInspection& seen);
/// What an end's configuration allows it to hold.
struct EndLimits {
  ByteCount receive_window{0};
  ByteCount taken{0};  ///< charge of the reliable messages that its application has taken
  ByteCount send_buffer{0};
  ByteCount largest_message{0};  ///< that it sends: one may always be queued
  ByteCount unreliable_reassembly{0};
  std::uint64_t send_window = 0;
};
Finding check_limits(const ConnectionInspection& seen, const EndLimits& limits);
/// What a sender believes that it may send is what its peer, seen later or at the same time, told.
Finding check_credit(const ConnectionInspection& sender, const ConnectionInspection& receiver);
/// What has just left kept to the congestion window.
Finding check_window(const ConnectionInspection& seen, const SentSince& sent);

/// `deadline`: the endpoint's when the time moved on from `instant`. What an arriving packet makes
/// due at once (its sample may bring a deadline forward beyond now) is served within the instant.
/// Both by the clock of the host; not to be asked while its process is paused, which serves none.
Finding check_timer(TimePoint instant, TimePoint deadline);
Finding check_memory(const MemoryPool::Stats& memory, ByteCount budget);
/// After a run, with nothing under way.
Finding check_link(const netsim::LinkStats& stats);

/// What is known of an end whose `ClosedEvent` comes.
struct Ending {
  TimePoint now;  ///< as all times here by the clock of its host, wrong as it may be
  CloseReason reason = CloseReason::none;
  bool by_peer = false;
  std::optional<TimePoint> handshake_began;
  std::optional<TimePoint> last_heard;  ///< the last genuine packet; none during the handshake
  Duration handshake_timeout{0};
  Duration idle_timeout{0};         ///< the smaller of both sides' that are not 0
  bool is_refused = false;          ///< admission says no
  bool server_may_be_full = false;  ///< of connections, or of memory for one more
  /// Either host's pool refused something. A connection that misses what it must have (a record of
  /// what is sent, a chunk of what is received) closes as out_of_memory rather than lose it: the
  /// library's promise is that this befalls one connection, and is said. Nothing else is excused.
  bool memory_may_end = false;
  bool an_application_closed = false;
  bool an_application_aborted = false;
  bool peer_is_gone = false;  ///< its end was closed, or its process restarted, or it never began
  TimePoint calm_at = TimePoint::max();  ///< from then on nothing is in the way of datagrams
  Duration round_trip{0};                ///< the longest seen, queues and all
  bool was_hindered = false;       ///< ... but for what the hosts do to handshakes, or remember of
                                   ///< them, and for senders that flood the path
  bool has_left_work = false;      ///< messages of either side were not delivered
  std::uint64_t lost_with_it = 0;  ///< messages of this end that ended as `connection_lost`
};
/// In the calm a timeout is excused no longer once the probes have found out that it is calm.
/// Protocol, flow control, integrity and internal errors have no excuse: nobody in a scenario
/// breaks the rules, and damage is what the checksum is for.
Finding check_ending(const Ending& ending);

/// A call that was refused, and what its caller knows.
struct Refusal {
  std::error_code error;
  bool is_ending = false;  ///< of its own accord, or because it had been asked to
  bool was_refused_memory = false;
  bool is_too_large = false;     ///< for either side
  bool is_channel_known = true;  ///< to both sides
};
Finding check_refusal(const Refusal& refusal);

}  // namespace hawser::swarm
