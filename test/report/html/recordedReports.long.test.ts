// The same tests with more rows.
import "./recordedReports.test.js";
