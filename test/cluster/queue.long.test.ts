// The same tests with 1, 2 and 4 workers.
import "./queue.test.js";
