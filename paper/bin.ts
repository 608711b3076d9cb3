import { runProcess } from "../src/cli/process.js";
import { runCompare } from "./command.js";

await runProcess(runCompare);
