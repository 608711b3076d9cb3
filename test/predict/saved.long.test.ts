// The same tests with all their random inputs.
import "./saved.test.js";
