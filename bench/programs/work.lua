-- work.lua N: tables, closures, strings, patterns.
local n = tonumber(arg[1])
local function account(balance)
  return { add = function(x) balance = balance + x return balance end, get = function() return balance end }
end
local accounts, seen = {}, {}
for i = 1, 50 do accounts[i] = account(i) end
for i = 1, n do
  local a = accounts[i % 50 + 1]
  a.add(i % 7)
  local name = ("%d-%d"):format(i % 97, i % 13)
  seen[name] = (seen[name] or 0) + #name
  if i % 10 == 0 then
    local x, y = name:match("^(%d+)-(%d+)$")
    a.add(x - y)
  end
end
local keys = {}
for k in pairs(seen) do keys[#keys + 1] = k end
table.sort(keys)
local sum = 0
for _, a in ipairs(accounts) do sum = sum + a.get() end
print(#keys, keys[1], seen[keys[1]], sum)
