import type { Kernel } from "./kernel.js";
import type { Labels } from "./labels.js";

/**
 * Logistic regression over rows x₁ … xₙ that are known by their inner products K only:
 * margin f = K·alpha + intercept, which is X·w + intercept for the column weights w = Xᵀ·alpha.
 *
 * Minimised is Σ weightᵢ·(ln(1 + e^fᵢ) − labelᵢ·fᵢ) + strength/2 · |w|², the intercept unpenalised, |w|² = alphaᵀ·K·alpha.
 * Rows of weight 0 do not take part (their alpha stays 0) yet get a margin: held-out predictions come for free.
 */
export interface LogisticFit {
  alpha: Float64Array;
  intercept: number;
  /** Log-odds of every row, those of weight 0 included. */
  margin: Float64Array;
}

const MAX_STEPS = 50;
const MAX_INNER_STEPS = 100;
/** Stop when the gradient is this small for each labelled row. */
const TOLERANCE = 1e-5;

/** 1 / (1 + e^−x), without overflow. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** The minimised sum, given the margins and |w|². */
export function penalisedLoss(
  margin: Float64Array,
  { label, weight }: Labels,
  strength: number,
  squaredNorm: number,
): number {
  let sum = (strength / 2) * squaredNorm;
  for (let i = 0; i < margin.length; i++) {
    if (weight[i] === 0) continue;
    const f = margin[i];
    sum += weight[i] * (Math.max(f, 0) + Math.log1p(Math.exp(-Math.abs(f))) - label[i] * f);
  }
  return sum;
}

/**
 * Writes the gradient as coefficients of the rows, `out` = weight·(sigmoid(f) − label) + strength·alpha (by alpha itself the
 * derivative is K·out), and returns the derivative by the intercept.
 */
export function gradient(
  fit: LogisticFit,
  { label, weight }: Labels,
  strength: number,
  out: Float64Array,
): number {
  let byIntercept = 0;
  for (let i = 0; i < out.length; i++) {
    const residual = weight[i] === 0 ? 0 : weight[i] * (sigmoid(fit.margin[i]) - label[i]);
    out[i] = residual + strength * fit.alpha[i];
    byIntercept += residual;
  }
  return byIntercept;
}

/**
 * Fits by Newton's method, each system solved roughly by conjugate gradients in the space of w, expressed in alpha
 * (truncated Newton, Dembo & Steihaug 1983). One application of K an inner step; halving the step costs O(rows), since
 * the margins along a direction are known. Labels 0 … 1, strength > 0, both classes present. `from`: where to start,
 * say the fit of the next stronger strength. Deterministic.
 */
export function fitLogistic(
  kernel: Kernel,
  labels: Labels,
  strength: number,
  from?: LogisticFit,
): LogisticFit {
  const n = kernel.rows;
  const fit: LogisticFit = from
    ? { alpha: from.alpha.slice(), intercept: from.intercept, margin: from.margin.slice() }
    : { alpha: new Float64Array(n), intercept: 0, margin: new Float64Array(n) };
  const mass = labels.weight.reduce((sum, w) => sum + w, 0);
  const step = new NewtonStep(kernel, labels.weight, strength);
  const residual = new Float64Array(n);
  for (let k = 0; k < MAX_STEPS; k++) {
    const byIntercept = gradient(fit, labels, strength, residual);
    for (let i = 0; i < n; i++) residual[i] = -residual[i];
    if (!step.solve(fit.margin, residual, -byIntercept, mass)) break;
    if (!moveAlong(fit, step, labels, strength)) break;
  }
  return fit;
}

/** Moves by the Newton step, halved until the loss falls enough (Armijo); false when it cannot fall. */
function moveAlong(fit: LogisticFit, step: NewtonStep, labels: Labels, strength: number): boolean {
  const { alpha, margin, intercept } = fit;
  const n = alpha.length;
  // |w + t·d|² = squaredNorm + 2·t·cross + t²·stepNorm
  let squaredNorm = 0;
  let slope = 0;
  for (let i = 0; i < n; i++) {
    squaredNorm += alpha[i] * (margin[i] - intercept);
    if (labels.weight[i] === 0) continue;
    slope += labels.weight[i] * (sigmoid(margin[i]) - labels.label[i]) * (step.image[i] + step.intercept);
  }
  const cross = dot(alpha, step.image);
  const stepNorm = dot(step.alpha, step.image);
  slope += strength * cross;
  const before = penalisedLoss(margin, labels, strength, squaredNorm);
  const trial = new Float64Array(n);
  for (let t = 1; t > 1e-9; t /= 2) {
    for (let i = 0; i < n; i++) trial[i] = margin[i] + t * (step.image[i] + step.intercept);
    const after = penalisedLoss(trial, labels, strength, squaredNorm + 2 * t * cross + t * t * stepNorm);
    if (!(after < before && after <= before + 1e-4 * t * slope)) continue;
    for (let i = 0; i < n; i++) alpha[i] += t * step.alpha[i];
    fit.intercept += t * step.intercept;
    margin.set(trial);
    return true;
  }
  return false;
}

/** Conjugate gradients for (strength·I + XᵀDX)·step = −gradient, D the curvature weight·p·(1 − p). */
class NewtonStep {
  /** The solution: coefficients of the rows, K times them, and the intercept's part. */
  readonly alpha: Float64Array;
  readonly image: Float64Array;
  intercept = 0;
  private readonly curvature: Float64Array;
  private readonly direction: Float64Array;
  private readonly directionImage: Float64Array;
  private readonly residualImage: Float64Array;
  private readonly product: Float64Array;

  constructor(
    private readonly kernel: Kernel,
    private readonly weight: Float64Array,
    private readonly strength: number,
  ) {
    const vector = (): Float64Array => new Float64Array(kernel.rows);
    [this.alpha, this.image, this.curvature] = [vector(), vector(), vector()];
    [this.direction, this.directionImage] = [vector(), vector()];
    [this.residualImage, this.product] = [vector(), vector()];
  }

  /** `residual` and `residual0` (its intercept) are −gradient and are overwritten; false: the gradient is small already. */
  solve(margin: Float64Array, residual: Float64Array, residual0: number, mass: number): boolean {
    const { kernel, alpha, image, direction, directionImage, residualImage, product } = this;
    const n = kernel.rows;
    this.setCurvature(margin);
    alpha.fill(0);
    image.fill(0);
    this.intercept = 0;
    kernel.apply(residual, residualImage);
    let square = dot(residual, residualImage) + residual0 * residual0;
    const norm = Math.sqrt(square);
    if (!(norm > TOLERANCE * mass)) return false;
    const goal = Math.min(0.1, Math.sqrt(norm / mass)) * norm;
    direction.set(residual);
    directionImage.set(residualImage);
    let direction0 = residual0;
    for (let k = 0; k < MAX_INNER_STEPS; k++) {
      const product0 = this.multiply(direction0);
      const length = square / (dot(product, directionImage) + product0 * direction0);
      for (let i = 0; i < n; i++) {
        alpha[i] += length * direction[i];
        image[i] += length * directionImage[i];
        residual[i] -= length * product[i];
      }
      this.intercept += length * direction0;
      residual0 -= length * product0;
      kernel.apply(residual, residualImage);
      const next = dot(residual, residualImage) + residual0 * residual0;
      if (!(Math.sqrt(next) > goal)) break;
      const turn = next / square;
      square = next;
      for (let i = 0; i < n; i++) {
        direction[i] = residual[i] + turn * direction[i];
        directionImage[i] = residualImage[i] + turn * directionImage[i];
      }
      direction0 = residual0 + turn * direction0;
    }
    return true;
  }

  /** A floor keeps the system definite where a probability has reached 0 or 1. */
  private setCurvature(margin: Float64Array): void {
    for (let i = 0; i < margin.length; i++) {
      const p = sigmoid(margin[i]);
      this.curvature[i] = this.weight[i] * Math.max(p * (1 - p), 1e-10);
    }
  }

  /** product = the system times the direction; returns the intercept's part. */
  private multiply(direction0: number): number {
    const { curvature, direction, directionImage, product, strength } = this;
    let product0 = 0;
    for (let i = 0; i < product.length; i++) {
      const bent = curvature[i] * (directionImage[i] + direction0);
      product[i] = strength * direction[i] + bent;
      product0 += bent;
    }
    return product0;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
