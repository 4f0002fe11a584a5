"""The store's atomic steps, in Lua: the server runs each as one transaction, in memory and in its log."""

from __future__ import annotations

__all__ = ["ACCEPT", "COMMIT", "DROP", "END"]

ACCEPT = """
-- KEYS: problem, record, failure, cancellation, progress, index, pending
-- ARGV: key, problem JSON, summary JSON, now, time limit in seconds
if redis.call('EXISTS', KEYS[2]) == 1 or redis.call('ZSCORE', KEYS[7], ARGV[1]) then return 0 end
redis.call('DEL', KEYS[3], KEYS[4], KEYS[5])
redis.call('HSET', KEYS[1],
  'json', ARGV[2], 'summary', ARGV[3], 'created_at', ARGV[4], 'timeout_seconds', ARGV[5])
redis.call('PERSIST', KEYS[1])
redis.call('ZADD', KEYS[6], ARGV[4], ARGV[1])
redis.call('ZADD', KEYS[7], ARGV[4], ARGV[1])
return 1
"""

END = """
-- KEYS: pending, failure or cancellation, problem
-- ARGV: key, value, lifetime in seconds
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
redis.call('EXPIRE', KEYS[3], ARGV[3])
return 1
"""

COMMIT = """
-- KEYS: record, problem, failure, cancellation, pending, access, total bytes, chunk...
-- ARGV: key, record JSON, token, size in bytes, now
-- Returns 1 when committed (also when this token was committed before), 0 when refused, -1 when torn.
local held = redis.call('GET', KEYS[1])
if held then
  if cjson.decode(held).token == ARGV[3] then return 1 end
  return 0
end
if redis.call('EXISTS', KEYS[4]) == 1 or redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
for i = 8, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 0 then return -1 end
end
for i = 8, #KEYS do redis.call('PERSIST', KEYS[i]) end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('DEL', KEYS[3])
redis.call('PERSIST', KEYS[2])
redis.call('ZREM', KEYS[5], ARGV[1])
redis.call('ZADD', KEYS[6], ARGV[5], ARGV[1])
redis.call('INCRBY', KEYS[7], ARGV[4])
return 1
"""

DROP = """
-- KEYS: record, access, total bytes, pending
-- ARGV: key, prefix of its chunk keys, token ('' for any), now (0: leave the problem as it is)
-- Drops the operator, metadata first; with a time, its problem becomes pending again.
local held = redis.call('GET', KEYS[1])
if not held then return 0 end
local record = cjson.decode(held)
if ARGV[3] ~= '' and record.token ~= ARGV[3] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('DECRBY', KEYS[3], record.nbytes)
if tonumber(ARGV[4]) > 0 then redis.call('ZADD', KEYS[4], ARGV[4], ARGV[1]) end
for i = 0, math.ceil(record.nbytes / record.chunk_bytes) - 1 do
  redis.call('UNLINK', ARGV[2] .. record.token .. ':' .. i)
end
return 1
"""
