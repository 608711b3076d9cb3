import fc from "fast-check";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Part, type Fixed } from "../../../../src/online/ledger/redis/part.js";
import {
  answerOf,
  keysOf,
  SCRIPT,
  type Answer,
  type Report,
} from "../../../../src/online/ledger/redis/report.js";
import { runs } from "../../../runs.js";
import { describeRedis, RedisServer } from "./server.js";

const LIMIT = 1_000_000;
const NAME = "policy:test";

describeRedis("what processes report to Redis", () => {
  let server: RedisServer;
  let client: Redis;
  let budgets = 0;
  beforeAll(async () => {
    server = await RedisServer.start("--appendonly", "no");
    client = new Redis(server.port);
  });
  afterAll(async () => {
    client?.disconnect();
    await server?.stop();
  });

  const send = async (keys: string[], report: Report): Promise<Answer> =>
    answerOf(await client.eval(SCRIPT, keys.length, ...keys, JSON.stringify(report)));
  const fresh = (): string[] => keysOf("test", `${NAME}${budgets++}`, 0);
  const fixed = (process: string, more: Partial<Fixed> = {}): Fixed => ({
    ...{ lapseMs: 60_000, keepMs: 86_400_000, process, epoch: 0, lambda: "" },
    ...more,
  });
  const part = (id: string): Part => new Part({ name: NAME, period: 0, limit: LIMIT }, id, 2_000);
  const spentOf = async (keys: string[]): Promise<number> => Number(await client.hget(keys[0], "spent"));

  it("never lease more than the limit, whatever is lost, repeated, late, dead or back", async () => {
    const step = fc.record({
      who: fc.nat(2),
      what: fc.constantFrom(
        "reserve",
        "reserve",
        "settle",
        "report",
        "lost",
        "late",
        "repeat",
        "dies",
        "last",
      ),
      amount: fc.integer({ min: 1, max: LIMIT / 5 }),
      lapseMs: fc.constantFrom(1, 60_000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80 }), async (steps) => {
        const keys = fresh();
        const parts = ["a", "b", "c"].map(part);
        const held: number[][] = [[], [], []];
        const old: Report[] = [];
        const isGone = [false, false, false];
        /** What everybody has spent, with what is held counted in full. */
        const used = (): number => parts.reduce((sum, { settled, reserved }) => sum + settled + reserved, 0);
        let time = 0;
        for (const { who, what, amount, lapseMs } of steps) {
          const one = parts[who];
          time += 50;
          if (what === "repeat" && old.length > 0) await send(keys, old[amount % old.length]);
          if (isGone[who]) continue;
          if (what === "reserve" && one.ask(amount, time)) {
            one.hold(amount);
            held[who].push(amount);
          } else if (what === "settle" && held[who].length > 0) {
            const most = held[who].pop()!;
            one.settle(most, amount % (most + 1));
          } else if (what === "dies") isGone[who] = amount % 4 === 0;
          else if (["report", "lost", "late", "last"].includes(what)) {
            const changes = one.changeCount;
            const isLast = what === "last" && amount % 4 === 0;
            const report = { ...one.report(time, isLast), ...fixed(one.id, { lapseMs }) };
            // A report of which nothing is heard may have come, may come late, or not at all.
            if (what === "late") old.push(report);
            else {
              const answer = await send(keys, report);
              if (what !== "lost") one.take(answer, report, changes);
              old.push(report);
            }
            isGone[who] = isLast;
          }
          expect(used()).toBeLessThanOrEqual(LIMIT);
        }
        const [granted, rows] = await Promise.all([client.hget(keys[0], "granted"), client.hvals(keys[1])]);
        const ceilings = rows.map((row) => Number(row.split(" ")[2])).reduce((a, b) => a + b, 0);
        expect(Number(granted)).toBe(ceilings);
        expect(ceilings).toBeLessThanOrEqual(LIMIT);
        expect(await spentOf(keys)).toBeLessThanOrEqual(ceilings);
      }),
      { numRuns: runs(300) },
    );
  });

  it("count a report once, however often it comes, and an old one not at all", async () => {
    const keys = fresh();
    const one = part("a");
    const report = (): Report => ({ ...one.report(1_000, false), ...fixed("a") });
    const first = report();
    one.take(await send(keys, first), first, 0);
    one.hold(700);
    one.settle(700, 500);
    const second = report();
    const answers = [await send(keys, second), await send(keys, second), await send(keys, first)];
    for (const { spent, ceiling, granted } of answers)
      expect([spent, ceiling, granted]).toEqual([500, answers[0].ceiling, answers[0].granted]);
  });

  it("count a silent process as having spent its lease, until it reports again", async () => {
    const keys = fresh();
    const [one, other] = [part("a"), part("b")];
    const leased = { ...one.report(0, false), ...fixed("a", { lapseMs: 20 }) };
    const { ceiling } = await send(keys, leased);
    expect(ceiling).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 40));
    const asked = { ...other.report(0, false), ...fixed("b") };
    expect((await send(keys, asked)).spent).toBe(ceiling);
    one.ceiling = ceiling;
    one.hold(100);
    one.settle(100, 30);
    await send(keys, { ...one.report(40, false), ...fixed("a") });
    expect(await spentOf(keys)).toBe(30);
  });

  it("share what is left, but each gets what its largest request needs", async () => {
    const keys = fresh();
    const [one, other] = [part("a"), part("b")];
    one.ask(LIMIT, 0);
    const first = { ...one.report(0, false), ...fixed("a") };
    await send(keys, { ...other.report(0, false), ...fixed("b") });
    const { ceiling } = await send(keys, first);
    expect(ceiling).toBeGreaterThan(LIMIT * 0.9);
    const late = { ...part("c").report(0, false), ...fixed("c") };
    expect((await send(keys, late)).granted).toBeLessThanOrEqual(LIMIT);
  });

  it("let nobody publish λ but the leader of the day", async () => {
    const keys = fresh();
    const [one, other] = [part("a"), part("b")];
    const say = (from: Part, epoch: number, lambda: string, lapseMs = 60_000): Promise<Answer> =>
      send(keys, { ...from.report(0, false), ...fixed(from.id, { epoch, lambda, lapseMs }) });
    const { epoch } = await say(one, 0, "1");
    expect(epoch).toBe(1);
    expect(await say(one, epoch, "2")).toMatchObject({ epoch: 1, lambda: 2 });
    expect(await say(other, 0, "9")).toMatchObject({ epoch: 0, lambda: 2 });
    // The leader sleeps, and another one takes over.
    await say(one, epoch, "2", 30);
    await new Promise((resolve) => setTimeout(resolve, 60));
    const next = await say(other, 0, "3");
    expect(next.epoch).toBe(2);
    expect(await say(other, next.epoch, "3")).toMatchObject({ lambda: 3 });
    // What it had wanted to write comes now, and a report that claims the new epoch too.
    for (const claimed of [epoch, next.epoch])
      expect(await say(one, claimed, "1")).toMatchObject({ epoch: 0, lambda: 3 });
    expect(await client.hgetall(keys[3])).toEqual({ epoch: "2", lambda: "3" });
    // The first one leads again: what it had wanted to write in its first time is still refused.
    await client.del(keys[4]);
    expect(await say(one, epoch, "4")).toMatchObject({ epoch: 3, lambda: 3 });
    expect(await say(one, epoch, "4")).toMatchObject({ epoch: 3, lambda: 3 });
    expect(await say(one, 3, "5")).toMatchObject({ epoch: 3, lambda: 5 });
  });

  it("are exact up to the largest budget", async () => {
    const keys = fresh();
    const limit = 1e15;
    const one = new Part({ name: NAME, period: 0, limit }, "a", 2_000);
    one.ask(limit - 1, 0);
    const report = { ...one.report(0, false), ...fixed("a") };
    one.take(await send(keys, report), report, 0);
    expect(one.ceiling).toBe(limit);
    one.hold(limit - 1);
    one.settle(limit - 1, limit - 1);
    await send(keys, { ...one.report(0, true), ...fixed("a") });
    expect(await client.hgetall(keys[0])).toMatchObject({ spent: "999999999999999" });
  });

  it("keep a period for some days after its end, and no longer", async () => {
    const keys = fresh();
    const end = Date.now() + 1_000;
    const one = new Part({ name: NAME, period: 0, limit: LIMIT, end }, "a", 2_000);
    await send(keys, { ...one.report(0, false), ...fixed("a") });
    for (const key of keys.slice(0, 3)) {
      expect(await client.pttl(key)).toBeGreaterThan(86_000_000);
      expect(await client.pttl(key)).toBeLessThanOrEqual(86_401_000);
    }
  });

  it("name a row that is damaged", async () => {
    const keys = fresh();
    await client.hset(keys[1], "a", "5 x");
    await expect(send(keys, { ...part("a").report(0, false), ...fixed("a") })).rejects.toThrow(
      "field a of {test:policy:test",
    );
  });
});

it.each([
  ["policy:support", "{optllm:policy:support}"],
  ["key:a}b{", "{optllm:key:a%7Db%7B}"],
  ["", "{optllm:}"],
])("the keys of %j are in one place of a cluster", (name, tag) => {
  for (const key of keysOf("optllm", name, 5)) expect(key.startsWith(`${tag}:`)).toBe(true);
});

it("a name of half a character is refused", () => {
  expect(() => keysOf("optllm", "\ud800", 5)).toThrow("lone surrogate");
});
