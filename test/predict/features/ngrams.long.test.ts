// The same tests with all their random inputs.
import "./ngrams.test.js";
