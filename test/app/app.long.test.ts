// The same tests with more forms of rows, on one thread as well, and in dark colours.
import "./app.test.js";
