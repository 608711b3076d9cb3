// The same tests with all their random inputs.
import "./search.test.js";
