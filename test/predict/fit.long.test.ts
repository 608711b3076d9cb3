// The same tests with more rows.
import "./fit.test.js";
