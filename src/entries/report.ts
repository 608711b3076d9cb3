/** The public names of `optllm/report`: a plan or a backtest as one HTML file that needs nothing else. */
export { reportPage } from "../report/html/page.js";
export type * from "../report/data.js";
export type { Origin } from "../report/origin.js";
export { solveReport, type SolveReportInput } from "../report/solveReport.js";
export { backtestReport, type BacktestReportInput } from "../report/backtestReport.js";
