import { createHash } from "node:crypto";
import { InputError } from "../../../errors.js";

/** What one process says of its part in one account. Amounts are micro-dollars, and totals of the period. */
export interface Report {
  /** Names the process's part; a part is never used again after it was given back. */
  part: string;
  /** Counts the reports of the part. */
  sequence: number;
  settled: number;
  /** Settled and reserved. */
  held: number;
  /** Up to where it goes on to reserve, whatever the answer is: at least `held`. */
  ceiling: number;
  /** Up to where the next request needs money, and up to where there is enough for some seconds; at least `held`. */
  need: number;
  want: number;
  limit: number;
  requests: number;
  /** This is the last report: nothing more is reserved. */
  isLast: boolean;
  /** End of the period, milliseconds since 1970; 0: none. */
  end: number;
  /** Milliseconds after which a silent process counts as gone, and for which keys are kept after the period. */
  lapseMs: number;
  keepMs: number;
  /** The process, as a candidate to lead; the epoch in which it leads, or 0; the λ to publish, "" for none. */
  process: string;
  epoch: number;
  lambda: string;
}

/** What Redis answers to a report. */
export interface Answer {
  /** Redis's clock, milliseconds since 1970. */
  time: number;
  /** The ceiling of the part from now on. */
  ceiling: number;
  /** Of all processes: what is spent for certain, the sum of the ceilings, and the requests. */
  spent: number;
  granted: number;
  requests: number;
  /** The epoch in which this process leads; 0: it does not. */
  epoch: number;
  /** λ that the leader has published; undefined: none yet. */
  lambda: number | undefined;
}

/**
 * Takes a report and answers it: atomic, O(log processes).
 *
 * The invariant: a process never holds more than its ceiling, and the ceilings together never exceed the limit. So no
 * clock, delay or repetition spends a dollar twice. A report that is not newer than the last one of its part changes
 * nothing. A process that is silent for too long counts as having spent its ceiling until it reports again.
 *
 * λ is written by the leader alone: by whoever holds the lock and knows the epoch in which it was taken.
 */
export const SCRIPT = `
local sums, parts, live, pace, leader = unpack(KEYS)
local r = cjson.decode(ARGV[1])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function whole(x) return string.format('%.0f', x) end
local function sum(field) return tonumber(redis.call('HGET', sums, field) or '0') end
local function add(field, by) redis.call('HINCRBY', sums, field, whole(by)) end
local function read(part)
  local row = redis.call('HGET', parts, part)
  if not row then return 0, 0, 0, 0 end
  local sequence, settled, ceiling, requests = string.match(row, '^(%d+) (%d+) (%d+) (%d+)$')
  if not sequence then error('field ' .. part .. ' of ' .. parts .. ' is damaged') end
  return tonumber(sequence), tonumber(settled), tonumber(ceiling), tonumber(requests)
end

for _, part in ipairs(redis.call('ZRANGEBYSCORE', live, '-inf', now, 'LIMIT', 0, 100)) do
  local _, settled, ceiling = read(part)
  add('spent', ceiling - settled)
  redis.call('ZREM', live, part)
end

local sequence, settled, ceiling, requests = read(r.part)
local holder = redis.call('GET', leader)
local epoch = 0
if holder then
  local taken, by = string.match(holder, '^(%d+) (.+)$')
  if by == r.process then epoch = tonumber(taken) end
end

if r.sequence > sequence then
  local counted = redis.call('ZSCORE', live, r.part) and settled or ceiling
  local others = sum('granted') - ceiling
  local granted = r.ceiling
  if r.isLast then
    redis.call('ZREM', live, r.part)
  else
    redis.call('ZADD', live, now + r.lapseMs, r.part)
    local share = math.floor((r.limit - others - r.held) / redis.call('ZCARD', live))
    local fair = math.max(r.need, math.min(r.want, r.held + share))
    granted = math.max(r.ceiling, math.min(r.limit - others, fair))
  end
  local row = { whole(r.sequence), whole(r.settled), whole(granted), whole(r.requests) }
  redis.call('HSET', parts, r.part, table.concat(row, ' '))
  add('granted', granted - ceiling)
  add('spent', (r.isLast and granted or r.settled) - counted)
  add('requests', r.requests - requests)
  ceiling = granted
  if r['end'] > 0 then
    local gone = whole(math.max(r['end'], now) + r.keepMs)
    for _, key in ipairs({ sums, parts, live }) do redis.call('PEXPIREAT', key, gone) end
  end

  if epoch > 0 and r.isLast then
    redis.call('DEL', leader)
    epoch = 0
  elseif epoch > 0 and epoch == r.epoch and r.lambda ~= '' then
    redis.call('HSET', pace, 'lambda', r.lambda)
    redis.call('PEXPIRE', leader, r.lapseMs)
  elseif not holder and not r.isLast and r.lambda ~= '' then
    epoch = redis.call('HINCRBY', pace, 'epoch', 1)
    redis.call('SET', leader, whole(epoch) .. ' ' .. r.process, 'NX', 'PX', r.lapseMs)
  end
  if redis.call('EXISTS', pace) == 1 then redis.call('PEXPIRE', pace, r.keepMs) end
end

local lambda = redis.call('HGET', pace, 'lambda') or ''
return { now, ceiling, sum('spent'), sum('granted'), sum('requests'), epoch, lambda }
`;

export const SCRIPT_SHA = createHash("sha1").update(SCRIPT).digest("hex");

/**
 * The keys of an account. What is in braces decides where a cluster keeps them: all of a budget are in one place.
 *
 * @throws InputError if the name has half a character, which UTF-8 cannot hold.
 */
export function keysOf(prefix: string, name: string, period: number): string[] {
  if (/\p{Cs}/u.test(name)) throw new InputError("a budget's name has a lone surrogate", { field: "name" });
  const budget = `{${prefix}:${encodeURIComponent(name).replaceAll("%3A", ":")}}`;
  const account = `${budget}:${period}`;
  return [`${account}:sums`, `${account}:parts`, `${account}:live`, `${budget}:pace`, `${budget}:leader`];
}

/**
 * An answer, checked: other programs can write to the same Redis.
 *
 * @throws InputError if it is none.
 */
export function answerOf(reply: unknown): Answer {
  const isAnswer =
    Array.isArray(reply) &&
    reply.length === 7 &&
    reply.slice(0, 6).every((value) => Number.isSafeInteger(value)) &&
    typeof reply[6] === "string";
  if (!isAnswer) throw new InputError("the answer of Redis has another form than the script gives it");
  const [time, ceiling, spent, granted, requests, epoch] = reply as number[];
  const text = reply[6] as string;
  const lambda = text === "" ? undefined : Number(text);
  if (lambda !== undefined && !(lambda >= 0))
    throw new InputError("the λ in Redis is no number ≥ 0; delete the pace key of the budget");
  return { time, ceiling, spent, granted, requests, epoch, lambda };
}
