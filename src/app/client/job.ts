import { byId } from "../../report/html/client/dom.js";
import { THREAD, type Answer, type Request, type ThreadWanted } from "../messages.js";

/** The worker's script stands in the page as text. Its address serves until the page is closed. */
let address: string | undefined;

function workerAddress(): string {
  const script = new Blob([byId("worker").textContent], { type: "text/javascript" });
  return (address ??= URL.createObjectURL(script));
}

/** Starts a request in a worker of its own, with the threads that it wants. Returns what ends it early. */
export function startJob(request: Request, onAnswer: (answer: Answer) => void): () => void {
  const workers: Worker[] = [];
  const end = (): void => workers.forEach((worker) => worker.terminate());
  const start = (name: string): Worker => {
    const worker = new Worker(workerAddress(), { name });
    worker.onerror = ({ message }) => {
      end();
      onAnswer({ kind: "failed", message, isFault: true });
    };
    workers.push(worker);
    return worker;
  };
  const job = start("OptLLM");
  job.onmessage = ({ data }: MessageEvent<Answer | ThreadWanted>) => {
    if (data.kind === "thread") return start(THREAD).postMessage(data.port, [data.port]);
    if (data.kind === "done" || data.kind === "failed") end();
    onAnswer(data);
  };
  job.postMessage(request);
  return end;
}
