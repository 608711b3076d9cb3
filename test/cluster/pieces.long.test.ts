// The same tests, with JSON Lines, too.
import "./pieces.test.js";
