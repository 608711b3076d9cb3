import { SOLVE } from "../../../build/embedded/solve.js";
import type { SolveKernels } from "../kernels.js";
import { compilePart, type PartModule } from "../module.js";

/** The module that solves. */
export const solveModule = (): PartModule<SolveKernels> => compilePart("solve", SOLVE);
