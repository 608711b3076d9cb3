// The same tests with longer texts.
import "./linear.test.js";
