// The same tests with more rows.
import "./addModels.test.js";
