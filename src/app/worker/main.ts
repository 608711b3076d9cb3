import { OptllmError } from "../../errors.js";
import { Pool } from "../../pool/pool.js";
import { messageLine } from "../../text/shown.js";
import { put } from "../browser/drawer.js";
import { serveTasks } from "../browser/threads.js";
import { THREAD, type Answer, type Request } from "../messages.js";
import { example } from "./example.js";
import { fit } from "./fit.js";
import { judge } from "./judge.js";
import { plan } from "./plan.js";
import type { Running } from "./reading.js";

/** A worker of the page. It does one request and answers as it goes; the page ends it, early to cancel. */

const send = (answer: Answer): void => self.postMessage(answer);

async function run(request: Request): Promise<void> {
  const pool = self.crossOriginIsolated ? new Pool() : undefined;
  try {
    await doing(request, { send, pool });
    send({ kind: "done", threads: pool?.threads ?? 1 });
  } catch (error) {
    const isFault = !(error instanceof OptllmError);
    const message =
      error instanceof Error ? (isFault ? (error.stack ?? error.message) : error.message) : String(error);
    send({ kind: "failed", message: messageLine(message), isFault });
  }
}

async function doing(request: Request, running: Running): Promise<void> {
  if (request.kind === "example") return example(running);
  for (const { path, file } of request.files) put(path, file);
  switch (request.kind) {
    case "judge":
      return judge(request, running);
    case "plan":
      return plan(request, running);
    case "fit":
      return fit(request, running);
  }
}

if (self.name === THREAD) serveTasks();
else self.onmessage = ({ data }: MessageEvent<Request>) => void run(data);
