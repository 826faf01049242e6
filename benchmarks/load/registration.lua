-- Registers somebody new with every request.
local counter = 0
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init()
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")
  run = os.getenv("RUN")
end

function request()
  counter = counter + 1
  local who = run .. "-" .. number .. "-" .. counter
  return wrk.format(nil, nil, nil, '{"given_name": "Aino", "family_name": "Koe ' .. who ..
    '", "email": "aino.' .. who .. '@yritys.example", "organisation": "Yritys ' .. (counter % 200) ..
    ' Oy", "municipality": "837", "language": "fi", "answers": {}, "consents": {}}')
end
