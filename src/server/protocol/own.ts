import type { RequestFeatures } from "../../online/scorer.js";
import type { Body } from "./asked.js";
import { objectOf } from "./fields.js";

/** A body without the field `optllm`, which no upstream gets, and what that field says. */
export function takeOwn({ optllm, ...body }: Body): { body: Body; features?: RequestFeatures } {
  const features = objectOf(objectOf(optllm)?.features);
  return { body, ...(features && { features: features as RequestFeatures }) };
}
