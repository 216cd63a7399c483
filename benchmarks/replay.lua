-- Sends requests that load.py prepared (REPLAY_FILE: for each its length, a newline, its bytes, a newline).
-- @@@N@@@@@ becomes a running number of nine digits, so that Content-Length stays right; @IP@ becomes a network
-- address of its own for each request (from the range for documentation, RFC 3849).
local requests, place, number = {}, 0, 0

function init(args)
  local file = assert(io.open(os.getenv("REPLAY_FILE"), "rb"))
  while true do
    local length = file:read("*l")
    if not length then break end
    requests[#requests + 1] = file:read(tonumber(length))
    file:read(1)
  end
  file:close()
  number = tonumber(os.getenv("REPLAY_FIRST"))
end

function request()
  number = number + 1
  place = number % #requests + 1
  local bytes = requests[place]:gsub("@@@N@@@@@", string.format("%09d", number % 1000000000))
  return (bytes:gsub("@IP@", string.format("2001:db8:%x:%x::1", math.floor(number / 65536) % 65536, number % 65536)))
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    'RESULT{"requests":%d,"microseconds":%d,"bytes":%d,"refused":%d,"broken":%d,"p50":%.1f,"p99":%.1f,"max":%.1f}\n',
    summary.requests, summary.duration, summary.bytes, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99), latency.max))
end
