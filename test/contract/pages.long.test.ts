// The same pages, with commands fitted as they say.
import "./pages.test.js";
