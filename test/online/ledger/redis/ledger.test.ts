import { afterAll, beforeAll } from "vitest";
import type { Ledger } from "../../../../src/online/ledger/ledger.js";
import { openRedisLedger } from "../../../../src/online/ledger/redis/ledger.js";
import { ledgerSuite } from "../suite.js";
import { describeRedis, RedisServer } from "./server.js";

describeRedis("a ledger in Redis", () => {
  let server: RedisServer;
  let prefixes = 0;
  const prefixOf = new Map<Ledger, string>();
  const opened = async (prefix: string): Promise<Ledger> => {
    const ledger = await openRedisLedger({ url: server.url, prefix });
    prefixOf.set(ledger, prefix);
    return ledger;
  };
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server?.stop());

  ledgerSuite("in Redis", {
    open: () => opened(`fresh${prefixes++}`),
    reopen: async (ledger) => {
      await ledger.close();
      return opened(prefixOf.get(ledger)!);
    },
  });
});
