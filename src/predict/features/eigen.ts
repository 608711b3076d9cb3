/** Eigenvalues by falling size; vector k in column k of `vectors`, n × n, row-major. */
export interface Eigen {
  values: Float64Array;
  vectors: Float64Array;
}

/** Maximum number of sweeps; matrices here converge in about ten. */
const MAX_SWEEPS = 30;

/**
 * All eigenvalues and orthonormal eigenvectors of a symmetric matrix, n × n, row-major: Jacobi's method, in cyclic order
 * (Golub & Van Loan, Matrix Computations, §8.5). `matrix` is not changed. Ties keep the order of the diagonal.
 * O(n³) a sweep.
 */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const a = matrix.slice();
  // Row k holds vector k, so that a rotation runs along memory; transposed in the end.
  const rows = new Float64Array(n * n);
  for (let i = 0; i < n; i++) rows[i * n + i] = 1;
  let size = 0;
  for (const x of a) size += x * x;
  for (let sweep = 0; sweep < MAX_SWEEPS && offDiagonal(a, n) > 1e-26 * size; sweep++) {
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotate(a, rows, n, p, q);
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j] - a[i * n + i] || i - j);
  const vectors = new Float64Array(n * n);
  order.forEach((from, k) => {
    for (let i = 0; i < n; i++) vectors[i * n + k] = rows[from * n + i];
  });
  return { values: Float64Array.from(order, (i) => a[i * n + i]), vectors };
}

/** Makes entry (p, q) zero. */
function rotate(a: Float64Array, rows: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q];
  const app = a[p * n + p];
  const aqq = a[q * n + q];
  if (apq * apq <= 1e-32 * Math.abs(app * aqq)) return;
  const theta = (aqq - app) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(1 + theta * theta));
  const c = 1 / Math.sqrt(1 + t * t);
  const s = t * c;
  turn(a, n, p, q, c, s);
  for (let i = 0; i < n; i++) {
    // The matrix is symmetric: columns p and q are the rows just turned.
    if (i === p || i === q) continue;
    a[i * n + p] = a[p * n + i];
    a[i * n + q] = a[q * n + i];
  }
  a[p * n + p] = app - t * apq;
  a[q * n + q] = aqq + t * apq;
  a[p * n + q] = a[q * n + p] = 0;
  turn(rows, n, p, q, c, s);
}

function turn(m: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  for (let i = p * n, j = q * n, end = i + n; i < end; i++, j++) {
    const x = m[i];
    const y = m[j];
    m[i] = c * x - s * y;
    m[j] = s * x + c * y;
  }
}

function offDiagonal(a: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) sum += 2 * a[i * n + j] ** 2;
  return sum;
}
