// The export list of the module for constraints: every kernel that the host may call, and nothing else.
import { CONSTRAINTS } from "../../layout";

export { forbid } from "../check";
export { seedRandom } from "../../random";
export { smoothPass } from "./smooth";
export { splitPass } from "./split";
export { roundPass } from "./round";
export { findCandidates } from "./candidates";
export { repair, rebuildSteps, searchAll } from "./rebuild";
export { abi, heapBase } from "../../module";

/** Which module of the core this is. */
export function part(): i32 {
  return CONSTRAINTS;
}
