// The same tests, with long texts for every method.
import "./scorer.test.js";
