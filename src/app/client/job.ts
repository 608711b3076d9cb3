import { byId } from "../../report/html/client/dom.js";
import type { Answer, Request } from "../messages.js";

/** The worker's script stands in the page as text. Its address serves until the page is closed. */
let address: string | undefined;

function workerAddress(): string {
  const script = new Blob([byId("worker").textContent], { type: "text/javascript" });
  return (address ??= URL.createObjectURL(script));
}

/** Starts a request in a worker of its own. Returns what ends it early. */
export function startJob(request: Request, onAnswer: (answer: Answer) => void): () => void {
  const worker = new Worker(workerAddress(), { name: "OptLLM" });
  const end = (): void => worker.terminate();
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    if (data.kind === "done" || data.kind === "failed") end();
    onAnswer(data);
  };
  worker.onerror = ({ message }) => {
    end();
    onAnswer({ kind: "failed", message, isFault: true });
  };
  worker.postMessage(request);
  return end;
}
