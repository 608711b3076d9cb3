import { expect, it } from "vitest";
import type { Outcome } from "../../src/server/proxy/call.js";
import { openRequestLog } from "../../src/server/requestLog.js";

const OUTCOME: Outcome = {
  requestId: "req_1",
  api: "chat/completions",
  key: "web",
  policy: "best",
  model: "small",
  status: 200,
  error: undefined,
  isStream: false,
  attempts: 1,
  cost: 0.0012,
  isEstimated: false,
  ms: 12.5,
};

it("writes one whole line of JSON for each request, with a level by its status", async () => {
  const written: string[] = [];
  const log = await openRequestLog((lines) => written.push(lines));
  for (const status of [200, 429, 499, 500, 503]) log({ ...OUTCOME, status });
  expect(written.every((line) => /^\{[^\n]*\}\n$/.test(line))).toBe(true);
  const lines = written.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ level }) => level)).toEqual(["info", "warn", "warn", "error", "error"]);
  const { level, time, ...rest } = lines[0];
  expect(level).toBe("info");
  expect(Math.abs(Date.now() - Date.parse(time as string))).toBeLessThan(60_000);
  expect(rest).toEqual(JSON.parse(JSON.stringify(OUTCOME)));
});

it("redacts what an outcome must not have, and keeps control characters out of the line", async () => {
  const written: string[] = [];
  const log = await openRequestLog((lines) => written.push(lines));
  const secret = { authorization: "Bearer sk-1" };
  log({
    ...OUTCOME,
    error: "a\nb\u001b[31m",
    headers: secret,
    ...secret,
    body: { x: "sk-1" },
    text: "sk-1",
  } as Outcome);
  expect(written.join("")).not.toContain("sk-1");
  expect(JSON.parse(written[0])).toMatchObject({
    headers: "[redacted]",
    text: "[redacted]",
    error: "a\nb\u001b[31m",
  });
  expect(/^[^\p{Cc}]*\n$/u.test(written[0])).toBe(true);
});
