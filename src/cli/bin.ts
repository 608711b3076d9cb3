#!/usr/bin/env node
import { runCli } from "./app.js";
import { runProcess } from "./process.js";

await runProcess(runCli);
