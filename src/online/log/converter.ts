import { packageFile } from "../../package.js";
import { Pool } from "../../pool/pool.js";
import { partsOf, PARQUET, prune } from "./parts.js";

const WORKER = packageFile("dist/src/online/log/worker.js");

/** Makes Parquet of the parts of a log, one after another, on a thread of its own. */
export class Converter {
  private readonly pool = new Pool({ threads: 1 });
  private work: Promise<void> = Promise.resolve();
  /** Parts that cannot become Parquet: they are not tried again. */
  private readonly failed = new Set<string>();

  /** `kept`: parts that are kept, the newest. */
  constructor(
    private readonly path: string,
    private readonly kept: number,
    private readonly onError: (error: Error) => void,
  ) {}

  /** Begins with the parts that are JSON lines. */
  convert(): void {
    this.work = this.work.then(() => this.all()).catch(this.onError);
  }

  /** Resolves when all that was begun is done. */
  async close(): Promise<void> {
    await this.work;
    await this.pool.close();
  }

  private async all(): Promise<void> {
    const lines = partsOf(this.path)
      .map(({ files }) => files[0])
      .filter((file) => !file.endsWith(PARQUET) && !this.failed.has(file));
    for (const part of lines) {
      try {
        await this.pool.runTasks(WORKER, 1, () => part);
      } catch (error) {
        this.failed.add(part);
        this.onError(error as Error);
      }
    }
    // A part that was to be removed meanwhile may have come back as Parquet.
    if (lines.length > 0) prune(this.path, this.kept);
  }
}
