// The same tests, with a fit for every alpha.
import "./bootstrap.test.js";
