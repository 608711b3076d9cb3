import { replyLater } from "../../pool/reply.js";
import { solved, type Task } from "./solved.js";

/** Solves one problem on a thread of its own. */
export default function work(task: Task): Promise<unknown> {
  return replyLater(() => solved(task));
}
