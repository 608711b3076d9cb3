import { resolve } from "node:path";
import type { Command } from "commander";
import { reopenRun } from "../../../cluster/status.js";
import type { Io } from "../../io.js";
import { carryOn, withCarrying, type CarryOptions } from "./carryOn.js";

export function addResume(cluster: Command, io: Io, setExitCode: (code: number) => void): void {
  withCarrying(
    cluster
      .command("resume")
      .description(
        "go on with a run that failed, was cancelled or lost its coordinator: only what is missing is done",
      )
      .argument("<run>", "folder of the run"),
  )
    .addHelpText("after", "\nExample:\n  $ optllm cluster resume run1")
    .action(async (run: string, options: CarryOptions) => {
      const folder = resolve(run);
      await carryOn(folder, () => reopenRun(folder), options, io, setExitCode);
    });
}
