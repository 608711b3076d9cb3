// Routes requests within a budget in Redis until SIGTERM, and says what each will cost before it is sent:
// `node spender.mjs '{"url", "prefix", "dollars", "clock", "seed"}'`. `clock`: what its clock shows when it begins.
import { writeSync } from "node:fs";
import { openRedisLedger } from "../../../../dist/src/entries/redis.js";
import { createRouter } from "../../../../dist/src/entries/online.js";
import { Random } from "../../../../dist/src/random.js";

const { url, prefix, dollars, clock, seed } = JSON.parse(process.argv[2]);
const ledger = await openRedisLedger({ url, prefix, leaseMs: 500, lapseMs: 1_000 });
const began = performance.now();
const scorer = {
  models: ["one"],
  digest: "0".repeat(64),
  score: (_, out) => out.fill(0.5),
  costs: (_, __, out) => out.fill(0.0005),
  promptTokens: () => 10,
};
const models = { one: { price: { input: 0, output: 10 } } };
const budget = { dollars, period: "hour", isPaced: false };
const router = createRouter({
  scorer,
  models,
  budget,
  lambda: 0,
  ledger,
  now: () => clock + performance.now() - began,
});
await router.ready();
const random = new Random(seed);
writeSync(1, "ready\n");

function request() {
  const decision = router.route({ text: "a question", maxTokens: 100 });
  if (decision.status === "refused") return writeSync(1, `r ${decision.renewedAt}\n`);
  const outputTokens = 30 + random.below(71);
  writeSync(1, `d ${router.status()[0].end} ${outputTokens * 10}\n`);
  setTimeout(() => router.settle(decision, { inputTokens: 10, outputTokens }), 5 + random.below(30));
}

const timer = setInterval(() => {
  for (let k = 0; k < 2; k++) request();
}, 5);
process.once("SIGTERM", () => {
  clearInterval(timer);
  // What is under way is settled first.
  setTimeout(() => void ledger.close().then(() => process.exit(0)), 100);
});
