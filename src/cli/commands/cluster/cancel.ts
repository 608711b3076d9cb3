import { resolve } from "node:path";
import type { Command } from "commander";
import { cancelRun } from "../../../cluster/status.js";
import { oneLine } from "../../../text/shown.js";
import type { Io } from "../../io.js";
import { withCommon, type CommonOptions } from "../../options/common.js";

export function addCancel(cluster: Command, io: Io): void {
  withCommon(
    cluster
      .command("cancel")
      .description("stop a run: its coordinator ends, workers skip its tasks, and what is done stays")
      .argument("<run>", "folder of the run"),
  )
    .addHelpText("after", "\nExample:\n  $ optllm cluster cancel run1")
    .action(async (run: string, { json }: CommonOptions) => {
      await cancelRun(resolve(run));
      io.out(
        json
          ? `${JSON.stringify({ run, state: "cancelled" })}\n`
          : `${oneLine(run)} is cancelled; \`optllm cluster resume ${oneLine(run)}\` goes on with it\n`,
      );
    });
}
