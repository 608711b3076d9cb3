// The tests by random inputs, with all of them.
import "./feedback/drift.test.js";
import "./ledger/journal.test.js";
import "./ledger/redis/parts.test.js";
import "./log/log.test.js";
import "./pacing/lambda.test.js";
import "./pacing/periods.test.js";
import "./router.test.js";
