// The same tests with all their random inputs.
import "./counter.test.js";
