-- Redeems one ticket after the other; the secrets stand in a file, one a line, each thread takes every other one.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init()
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")
  slug = os.getenv("SLUG")
  run = tonumber(os.getenv("RUN"))
  secrets = {}
  for line in io.lines(os.getenv("TICKETS")) do
    secrets[#secrets + 1] = line
  end
  math.randomseed(number + run)
  counter = 0
end

function request()
  counter = counter + 1
  local secret = secrets[(counter * 2 + number) % #secrets + 1]
  local nonce = string.format("%08x-%04x-4%03x-8%03x-%012x", math.random(0, 0x7fffffff), math.random(0, 0xffff),
    run % 0xfff, number, counter)
  return wrk.format(nil, nil, nil, '{"secret": "' .. secret .. '", "event": "' .. slug .. '", "nonce": "' .. nonce ..
    '", "at": "2026-09-01T09:00:00Z", "door": "A", "type": "entry", "force": false}')
end
