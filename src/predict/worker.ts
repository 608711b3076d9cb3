import { reply } from "../pool/reply.js";
import { runTask, type Task } from "./tasks.js";

// A shell: everything it does is `runTask`, which the tests run in process.
export default function work(task: Task): unknown {
  return reply(() => runTask(task));
}
