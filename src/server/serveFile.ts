import { messageLine } from "../text/shown.js";
import { readChecked } from "./config/read.js";
import type { CheckedConfig } from "./config/types.js";
import { watchFiles } from "./config/watch.js";
import { createServer, type Addresses, type Server, type ServerOptions } from "./server.js";

/** A server whose configuration is a file, read again when it or the predictor changes. */
export interface FileServer extends Addresses {
  /** Reads the file again; a wrong one keeps the old configuration and is noted. Never rejects. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** `everyMs`: how often the files are looked at. */
export interface FileServerOptions extends ServerOptions {
  everyMs?: number;
}

/**
 * Serves by a configuration file until `close`.
 *
 * @throws InputError naming what is wrong in the file.
 */
export async function serveFile(path: string, options: FileServerOptions = {}): Promise<FileServer> {
  const config = await readChecked(path);
  const server = await createServer(config, options);
  try {
    return new WatchedServer(path, await server.listen(), server, config, options);
  } catch (error) {
    await server.close();
    throw error;
  }
}

class WatchedServer implements FileServer {
  readonly url: string;
  readonly adminUrl: string | undefined;
  private unwatch: () => void;
  private reloading: Promise<void> = Promise.resolve();

  constructor(
    private readonly path: string,
    { url, adminUrl }: Addresses,
    private readonly server: Server,
    config: CheckedConfig,
    private readonly options: FileServerOptions,
  ) {
    this.url = url;
    this.adminUrl = adminUrl;
    this.unwatch = this.watch(config);
  }

  reload(): Promise<void> {
    this.reloading = this.reloading.then(() => this.readAgain());
    return this.reloading;
  }

  async close(): Promise<void> {
    this.unwatch();
    await this.server.close();
  }

  private async readAgain(): Promise<void> {
    const note = this.options.onNote ?? ((): void => undefined);
    try {
      const config = await readChecked(this.path);
      await this.server.reload(config);
      this.unwatch();
      this.unwatch = this.watch(config);
      note("the configuration was read again and holds from now on");
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      note(`the configuration was refused, and the old one still holds: ${messageLine(message)}`);
    }
  }

  private watch({ predictor, prices }: CheckedConfig): () => void {
    const files = [this.path, predictor, ...(prices === undefined ? [] : [prices])];
    return watchFiles(files, () => void this.reload(), this.options.everyMs);
  }
}
