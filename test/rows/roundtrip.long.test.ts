// The same tests with all their random inputs.
import "./roundtrip.test.js";
