import { replyLater } from "../pool/reply.js";
import { runTask, type Task } from "./tasks.js";

// Only calls `runTask`, which the tests run in process.
export default function work(task: Task): unknown {
  return replyLater(() => runTask(task));
}
