import { InputError } from "../errors.js";
import { messageLine } from "../text/shown.js";
import { readChecked } from "./config/read.js";
import type { CheckedConfig } from "./config/types.js";
import { watchFiles } from "./config/watch.js";
import { createServer, type Server, type ServerOptions } from "./server.js";

/** A server whose configuration is a file, read again when it or the predictor changes. */
export interface FileServer {
  url: string;
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
    const { url } = await server.listen();
    return new WatchedServer(path, url, server, config, options);
  } catch (error) {
    await server.close();
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EADDRINUSE" && code !== "EACCES" && code !== "EADDRNOTAVAIL") throw error;
    const { host, port } = config.listen;
    throw new InputError(`listen: ${host}:${port} cannot be used (${code}); give another port`, {
      field: "listen",
    });
  }
}

class WatchedServer implements FileServer {
  private unwatch: () => void;
  private reloading: Promise<void> = Promise.resolve();

  constructor(
    private readonly path: string,
    readonly url: string,
    private readonly server: Server,
    config: CheckedConfig,
    private readonly options: FileServerOptions,
  ) {
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
