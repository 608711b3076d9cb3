// The same tests with all their random inputs.
import "./textSums.test.js";
