import { messageLine } from "../text/shown.js";
import { readChecked } from "./config/read.js";
import type { CheckedConfig } from "./config/types.js";
import { FileWatch } from "./config/watch.js";
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
  let server: WatchedServer | undefined;
  let isChanged = false;
  const watch = new FileWatch(() => {
    if (server === undefined) isChanged = true;
    else void server.reload();
  }, options.everyMs);
  watch.set([path]);
  try {
    const config = await readWatched(path, watch);
    const inner = await createServer(config, options);
    try {
      server = new WatchedServer(path, await inner.listen(), inner, watch, options);
    } catch (error) {
      await inner.close();
      throw error;
    }
  } catch (error) {
    watch.close();
    throw error;
  }
  if (isChanged) void server.reload();
  return server;
}

/** Reads a configuration file, which is watched. The files that it names are from here on, before they are read. */
async function readWatched(path: string, watch: FileWatch): Promise<CheckedConfig> {
  const config = await readChecked(path);
  const { predictor, prices } = config;
  watch.set([path, predictor, ...(prices === undefined ? [] : [prices])]);
  return config;
}

class WatchedServer implements FileServer {
  readonly url: string;
  readonly adminUrl: string | undefined;
  private reloading: Promise<void> = Promise.resolve();

  constructor(
    private readonly path: string,
    { url, adminUrl }: Addresses,
    private readonly server: Server,
    private readonly watch: FileWatch,
    private readonly options: FileServerOptions,
  ) {
    this.url = url;
    this.adminUrl = adminUrl;
  }

  reload(): Promise<void> {
    this.reloading = this.reloading.then(() => this.readAgain());
    return this.reloading;
  }

  async close(): Promise<void> {
    this.watch.close();
    await this.server.close();
  }

  private async readAgain(): Promise<void> {
    const note = this.options.onNote ?? ((): void => undefined);
    try {
      await this.server.reload(await readWatched(this.path, this.watch));
      note("the configuration was read again and holds from now on");
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      note(`the configuration was refused, and the old one still holds: ${messageLine(message)}`);
    }
  }
}
