-- Registers somebody new with every request, with ten answers.
dofile((os.getenv("LOAD") or "benchmarks/load") .. "/registration.lua")

function request()
  counter = (counter or 0) + 1
  local who = "q" .. run .. "-" .. number .. "-" .. counter
  local answers = ""
  for question = 1, 10 do
    local value = question <= 5 and '["a", "c"]' or '"an answer"'
    answers = answers .. (question > 1 and ", " or "") .. '"q' .. question .. '": ' .. value
  end
  return wrk.format(nil, nil, nil, '{"given_name": "Aino", "family_name": "Koe ' .. who ..
    '", "email": "aino.' .. who .. '@yritys.example", "organisation": "Yritys ' .. (counter % 200) ..
    ' Oy", "municipality": "837", "language": "fi", "answers": {' .. answers .. '}, "consents": {}}')
end
