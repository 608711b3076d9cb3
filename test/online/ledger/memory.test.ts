import { memoryLedger } from "../../../src/online/ledger/memory.js";
import { ledgerSuite } from "./suite.js";

ledgerSuite("in memory", { open: () => Promise.resolve(memoryLedger()) });
