import { CoreError } from "../../../errors.js";
import type { ConstraintKernels } from "../../kernels.js";
import { compilePart, loadedModules, type PartModule } from "../../module.js";

/** Loads the module for constraints. Bundlers keep it in a file of its own: few programs need it. */
export async function loadConstraints(): Promise<void> {
  if (loadedModules().constraints !== undefined) return;
  const { CONSTRAINTS } = await import("../../../../build/embedded/constraints.js");
  compilePart("constraints", CONSTRAINTS);
}

/** The module for constraints, which has been loaded. */
export function constraintsModule(): PartModule<ConstraintKernels> {
  const { constraints } = loadedModules();
  if (constraints === undefined) throw new CoreError("the kernels for constraints have not been loaded");
  return constraints;
}
