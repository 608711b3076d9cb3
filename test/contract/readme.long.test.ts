// The same page, with commands fitted as it says.
import "./readme.test.js";
