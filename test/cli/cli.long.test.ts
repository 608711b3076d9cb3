// The same tests, of full size and with commands fitted as they stand.
import "./app.test.js";
import "./commands/backtest.test.js";
import "./commands/fit.test.js";
import "./pipeline.test.js";
import "./commands/solve.test.js";
import "./vectors.test.js";
