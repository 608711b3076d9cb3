// The same tests with all their random inputs.
import "./tfidf.test.js";
