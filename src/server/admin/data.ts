import type { Standing } from "../setup/standing.js";

/** A moment: milliseconds since 1970, and the λ of the last decision, probability per dollar. */
export type Moment = [time: number, lambda: number];

/** A model of a policy, since the server began. */
export interface ModelData {
  name: string;
  answers: number;
  /** Of the policy's answers, 0 … 1; null before the first. */
  share: number | null;
  /** Dollars, failed attempts included. */
  cost: number;
  /** Mean predicted chance of a good answer, 0 … 1; null before the first. */
  accuracy: number | null;
  failures: number;
  isFailing: boolean;
}

/** A policy, since the server began. */
export interface PolicyData extends Omit<ModelData, "share" | "isFailing"> {
  budgets: Standing[];
  models: ModelData[];
  alarms: string[];
  now: Moment | null;
  /** Moments of the last hour; only in the first message of a connection. */
  history?: Moment[];
}

/** A decision and its reasons. */
export interface DecisionData {
  id: string;
  time: number;
  policy: string;
  text: string;
}

/** What the status page shows. Nothing of it is a text or a key of a client. */
export interface StatusData {
  version: string;
  began: number;
  time: number;
  isDraining: boolean;
  openRequests: number;
  policies: PolicyData[];
  upstreams: { name: string; open: number; most: number; isClosed: boolean }[];
  /** The newest first. */
  decisions: DecisionData[];
}
