# Sourced by the tests here: starts a server and learns its port.

fail() {
  echo "failed: $1" >&2
  exit 1
}

# start_listening COMMAND...: runs it in the background until the test ends; sets `address` to what
# its line "listening on ADDR:PORT" says.
start_listening() {
  coproc server { exec "$@"; }
  trap 'kill "$server_PID" 2>/dev/null || true' EXIT
  local line
  read -r -t 30 line <&"${server[0]}" || fail "no line from $1"
  [[ $line == "listening on "* ]] || fail "unexpected line: $line"
  address=${line#listening on }
}
