import { timesSquare } from "../../core/predict/product.js";
import type { Kernel } from "./kernel.js";

/** The data of a joint regression of all models; matrices are rows × models, row-major. */
export interface Observations {
  models: number;
  /** 0 … 1; anything where the weight is 0. */
  label: Float64Array;
  /** ≥ 0; 0: not observed. */
  weight: Float64Array;
  /** Log-odds of each model before any text is seen. */
  offset: Float64Array;
}

/**
 * Logistic regression of all models at once over rows that are known by their inner products K only: margins F = offset
 * + K·A·B. B (models × models, positive semi-definite) sets how far models share a fit: the identity fits each
 * separately; a rank-one B = b·bᵀ has one latent difficulty per query, with slope bₘ (coregionalisation, Alvarez,
 * Rosasco & Lawrence 2012, §4).
 *
 * Minimised is Σ weight·(ln(1 + e^F) − label·F) + strength/2 · tr(Aᵀ·K·A·B). Rows of weight 0 keep alpha 0 but get a
 * margin.
 */
export interface LogisticFit {
  /** A, rows × models. */
  alpha: Float64Array;
  /** K·A·B, rows × models. */
  image: Float64Array;
}

const MAX_STEPS = 30;
const MAX_INNER_STEPS = 60;
/** Stop when the gradient per label is this small, far below the noise of labels. */
const TOLERANCE = 1e-4;

/** 1 / (1 + e^−x), without overflow. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** ln(p / (1 − p)), for 0 < p < 1. */
export function logit(p: number): number {
  return Math.log(p / (1 - p));
}

/** −ln of the probability that sigmoid(margin) gives the label 0 … 1. */
export function marginLoss(margin: number, label: number): number {
  return Math.max(margin, 0) + Math.log1p(Math.exp(-Math.abs(margin))) - label * margin;
}

/**
 * Fits by Newton's method, each system solved approximately by conjugate gradients (truncated Newton, Dembo & Steihaug
 * 1983) in the space of the regression's coefficients, expressed in alpha. One application of K per inner step.
 * `covariance`: B, models × models. strength > 0. `from`: where to start, say the fit of the next stronger strength.
 * Deterministic.
 */
export function fitLogistic(
  kernel: Kernel,
  observed: Observations,
  covariance: Float64Array,
  strength: number,
  from?: Float64Array,
): LogisticFit {
  const size = observed.label.length;
  const fit = { alpha: from?.slice() ?? new Float64Array(size), image: new Float64Array(size) };
  const newton = new NewtonStep(kernel, observed, covariance, strength);
  if (from !== undefined) newton.apply(fit.alpha, fit.image);
  const loss = observed.weight.reduce((sum, w) => sum + w, 0);
  for (let k = 0; k < MAX_STEPS; k++) {
    if (!newton.solve(fit, loss) || !newton.move(fit)) break;
  }
  return fit;
}

/** Conjugate gradients for (strength·I + D·K⊗B)·step = −gradient, D the curvature weight·p·(1 − p). */
class NewtonStep {
  private readonly alpha: Float64Array;
  private readonly image: Float64Array;
  private readonly residual: Float64Array;
  private readonly residualImage: Float64Array;
  private readonly direction: Float64Array;
  private readonly directionImage: Float64Array;
  private readonly curvature: Float64Array;
  private readonly product: Float64Array;
  /** B is the identity. */
  private readonly isSeparate: boolean;

  constructor(
    private readonly kernel: Kernel,
    private readonly observed: Observations,
    private readonly covariance: Float64Array,
    private readonly strength: number,
  ) {
    const vector = (): Float64Array => new Float64Array(observed.label.length);
    this.isSeparate = covariance.every((b, k) => b === (k % (observed.models + 1) === 0 ? 1 : 0));
    [this.alpha, this.image, this.residual, this.residualImage] = [vector(), vector(), vector(), vector()];
    [this.direction, this.directionImage, this.curvature, this.product] = [
      vector(),
      vector(),
      vector(),
      vector(),
    ];
  }

  /** Finds the step; false: the gradient is already small. `mass`: the sum of the weights. */
  solve(fit: LogisticFit, mass: number): boolean {
    const { alpha, image, residual, residualImage, direction, directionImage, product } = this;
    const { curvature, strength } = this;
    const size = alpha.length;
    this.differentiate(fit);
    this.apply(residual, residualImage);
    let square = dot(residual, residualImage);
    const norm = Math.sqrt(square);
    if (!(norm > TOLERANCE * mass)) return false;
    const goal = Math.min(0.1, Math.sqrt(norm / mass)) * norm;
    alpha.fill(0);
    image.fill(0);
    direction.set(residual);
    directionImage.set(residualImage);
    for (let k = 0; k < MAX_INNER_STEPS; k++) {
      let bend = 0;
      for (let i = 0; i < size; i++) {
        const p = strength * direction[i] + curvature[i] * directionImage[i];
        product[i] = p;
        bend += p * directionImage[i];
      }
      const length = square / bend;
      for (let i = 0; i < size; i++) {
        alpha[i] += length * direction[i];
        image[i] += length * directionImage[i];
        residual[i] -= length * product[i];
      }
      this.apply(residual, residualImage);
      const next = dot(residual, residualImage);
      if (!(Math.sqrt(next) > goal)) break;
      const turn = next / square;
      square = next;
      for (let i = 0; i < size; i++) {
        direction[i] = residual[i] + turn * direction[i];
        directionImage[i] = residualImage[i] + turn * directionImage[i];
      }
    }
    return true;
  }

  /** Moves along the step, which is halved until the loss falls (Armijo); false if it cannot fall. */
  move(fit: LogisticFit): boolean {
    const { alpha, image, strength } = this;
    const { label, weight, offset, models } = this.observed;
    // tr((A + t·S)ᵀ·K·(A + t·S)·B) = squaredNorm + 2·t·cross + t²·stepNorm
    const squaredNorm = dot(fit.alpha, fit.image);
    const cross = dot(fit.alpha, image);
    const stepNorm = dot(alpha, image);
    const lossAt = (t: number): number => {
      let sum = (strength / 2) * (squaredNorm + 2 * t * cross + t * t * stepNorm);
      for (let i = 0; i < label.length; i++) {
        if (weight[i] > 0)
          sum += weight[i] * marginLoss(offset[i % models] + fit.image[i] + t * image[i], label[i]);
      }
      return sum;
    };
    let slope = strength * cross;
    for (let i = 0; i < label.length; i++) {
      if (weight[i] > 0)
        slope += weight[i] * (sigmoid(offset[i % models] + fit.image[i]) - label[i]) * image[i];
    }
    const before = lossAt(0);
    for (let t = 1; t > 1e-6; t /= 2) {
      const after = lossAt(t);
      if (!(after < before && after <= before + 1e-4 * t * slope)) continue;
      for (let i = 0; i < label.length; i++) {
        fit.alpha[i] += t * alpha[i];
        fit.image[i] += t * image[i];
      }
      return true;
    }
    return false;
  }

  /** Sets `residual` to −gradient as coefficients of the rows, and the curvature, floored where p has reached 0 or 1. */
  private differentiate({ alpha, image }: LogisticFit): void {
    const { label, weight, offset, models } = this.observed;
    for (let i = 0; i < label.length; i++) {
      const p = sigmoid(offset[i % models] + image[i]);
      this.curvature[i] = weight[i] * Math.max(p * (1 - p), 1e-10);
      this.residual[i] = (weight[i] > 0 ? weight[i] * (label[i] - p) : 0) - this.strength * alpha[i];
    }
  }

  /** out = K·x·B. */
  apply(x: Float64Array, out: Float64Array): void {
    this.kernel.apply(x, out);
    if (!this.isSeparate) timesSquare(out, this.covariance, this.observed.models);
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
