// The same tests with all their random inputs.
import "./fuzz.test.js";
