// Spends from a journal for ever and says, for every settlement, that it is done: `node spender.mjs PATH FIRST`.
import { openJournal } from "../../../dist/src/online/ledger/journal.js";

const [path, first] = process.argv.slice(2);
const ledger = openJournal(path, { commitMs: 5, mostLines: 300 });
const account = { name: "policy:test", period: 0, limit: Number.MAX_SAFE_INTEGER };
const open = [];
let said = "";
for (let k = Number(first); ; k++) {
  const amount = 1 + ((k * 7919) % 1000);
  ledger.reserve(`id-${k}`, [account], amount);
  said += `r ${k} ${amount}\n`;
  open.push([k, amount]);
  if (k % 3 > 0) {
    const [id, most] = open.splice((k * 31) % open.length, 1)[0];
    ledger.settle(`id-${id}`, most >> 1);
    said += `s ${id} ${most >> 1}\n`;
  }
  if (k % 20 === 0) {
    // What is said has been handed to the ledger before.
    const { writeSync } = await import("node:fs");
    writeSync(1, said);
    said = "";
    await new Promise(setImmediate);
  }
}
