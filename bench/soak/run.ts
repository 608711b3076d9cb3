// A server between clients that hang up and an upstream that fails: `node dist/bench/soak/run.js`; see README.md.
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { soak } from "./soak.js";

const { values: given } = parseArgs({
  options: {
    seconds: { type: "string", default: "600" },
    connections: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    "tight-dollars": { type: "string", default: "0.5" },
  },
});
console.log(`Node ${process.version}, load average ${loadavg()[0].toFixed(1)} at the start`);
const result = await soak({
  seconds: Number(given.seconds),
  connections: Number(given.connections),
  seed: Number(given.seed),
  tightDollars: Number(given["tight-dollars"]),
  onNote: (text) => console.log(text),
});
console.dir({ ...result, differing: result.differing.slice(0, 20) }, { depth: 5, maxArrayLength: 100 });
console.log(`load average ${loadavg()[0].toFixed(1)} at the end`);
