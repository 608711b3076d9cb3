import { pack, unpack, type Kind } from "../packed.js";
import { version } from "../package.js";
import { dense } from "./packed/dense.js";
import { packState, unpackState } from "./packed/state.js";
import { checkState } from "./checkState.js";
import { MeanPredictor, stateOf, type Predictor } from "./predictor.js";
import type { PredictorState } from "./state.js";

const SAVED: Kind = {
  magic: "OPTLLMP\n",
  name: "saved predictor",
  format: 5,
  dense,
  expected: "a file that `optllm fit` wrote",
  remedy: "fit it again",
};

/** The bytes of a saved predictor. The same predictor gives the same bytes. */
export function savePredictor(predictor: Predictor): Uint8Array {
  return pack(SAVED, version, packState(stateOf(predictor)));
}

/**
 * Reads what `savePredictor` wrote. Throws InputError for bytes that are not a saved predictor, are damaged, come from
 * a newer version, or are inconsistent.
 */
export function loadPredictor(bytes: Uint8Array): Predictor {
  return loadSaved(bytes).predictor;
}

/** A predictor that was read, and the SHA-256 of its bytes in hexadecimal digits. */
export interface Saved {
  predictor: Predictor;
  digest: string;
}

/** The same with the digest of the bytes. Throws as `loadPredictor` does. */
export function loadSaved(bytes: Uint8Array): Saved {
  const { data, digest } = unpack(SAVED, bytes);
  const state = unpackState(data);
  checkState(state);
  return { predictor: new MeanPredictor(state as PredictorState), digest };
}
