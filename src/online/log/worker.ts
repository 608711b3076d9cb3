import { replyLater } from "../../pool/reply.js";
import { convertPart } from "./convert.js";

/** Writes a part of a log as Parquet, on a thread of its own. */
export default function work(part: string): Promise<unknown> {
  return replyLater(() => convertPart(part));
}
