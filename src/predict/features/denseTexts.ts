import { TextSums, type NgramMatrix } from "../../core/predict/textSums.js";
import type { PredictSpace } from "../../core/predict/space.js";
import type { FeaturiserState } from "./features.js";
import { readable } from "./ngrams.js";
import { SURFACE_FEATURES, writeSurface, type SurfaceScale } from "./surface.js";

/** Writes dense rows of texts, and products of their sparse rows with weights. Keeps its tables, but no other state. */
export class DenseTexts {
  /** Columns of the dense rows: the dimensions, of unit length together, then the surface features; 0: none are wanted. */
  readonly columns: number;
  /** Columns of the products. */
  readonly productColumns: number;
  private readonly dimensions: number;
  private readonly surface: SurfaceScale;
  private readonly sums: TextSums;

  /** `weights`: those of the products. `hasDense`: false if only products are needed. `space`: an own one. */
  constructor(
    { scale, projection, surface }: FeaturiserState,
    {
      weights,
      hasDense = true,
      space,
    }: { weights?: NgramMatrix; hasDense?: boolean; space?: PredictSpace } = {},
  ) {
    this.dimensions = projection.columns;
    this.surface = surface;
    this.columns = hasDense ? this.dimensions + SURFACE_FEATURES.length : 0;
    this.productColumns = weights?.columns ?? 0;
    this.sums = new TextSums({ scale, projection: hasDense ? projection : undefined, weights }, space);
  }

  /** Rows of texts[from … to − 1]: `dense` and `products`, row-major. O(characters). */
  write(
    texts: readonly string[],
    from: number,
    to: number,
    dense: Float32Array,
    products?: Float32Array,
  ): void {
    const { columns, dimensions, productColumns, surface } = this;
    if (columns > 0) {
      for (let t = from; t < to; t++) {
        writeSurface(texts[t], surface, dense, (t - from) * columns + dimensions);
      }
    }
    this.sums.run(readable(texts, from, to), {
      projected: columns > 0 ? { out: dense, stride: columns } : undefined,
      products: products && { out: products, stride: productColumns },
    });
  }
}
