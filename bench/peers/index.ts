import { glpkLp, glpkMip } from "./glpk.js";
import { highsLp, highsMip } from "./highs.js";
import type { Peer } from "./peer.js";
import { plainHullPeer } from "./plainHull.js";
import { yalpsLp, yalpsMip } from "./yalps.js";

export const PEERS: Readonly<Record<string, Peer>> = {
  plainHull: plainHullPeer,
  highsLp,
  highsMip,
  glpkLp,
  glpkMip,
  yalpsLp,
  yalpsMip,
};
