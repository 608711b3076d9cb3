// The same tests, of full size and with commands fitted as they stand.
import "./app.test.js";
import "./backtest.test.js";
import "./fit.test.js";
import "./pipeline.test.js";
import "./solve.test.js";
import "./vectors.test.js";
