// The same tests with all their random inputs.
import "./sweeps.test.js";
