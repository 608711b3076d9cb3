// The same tests, of full size.
import "./plan.test.js";
