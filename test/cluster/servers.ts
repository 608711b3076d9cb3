import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { freePort } from "../freePort.js";

const VERSIONS = "/usr/lib/postgresql";
const bin = existsSync(VERSIONS)
  ? readdirSync(VERSIONS)
      .map((version) => join(VERSIONS, version, "bin"))
      .find((folder) => existsSync(join(folder, "initdb")))
  : undefined;

/** Whether a PostgreSQL is installed that this user may start. */
export const isPostgresHere = bin !== undefined && (process.getuid?.() !== 0 || nobody() !== undefined);

/** PostgreSQL refuses to run as root: then as nobody. */
function nobody(): { uid: number; gid: number } | undefined {
  const [uid, gid] = ["-u", "-g"].map((which) =>
    spawnSync("id", [which, "nobody"]).stdout?.toString().trim(),
  );
  return uid ? { uid: Number(uid), gid: Number(gid) } : undefined;
}

const running = new Set<ChildProcess>();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** A PostgreSQL of the test's own, on a free port and in a folder that `stop` removes. */
export class PostgresServer {
  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly user: { uid: number; gid: number } | undefined,
    private child: ChildProcess,
  ) {}

  static async start(): Promise<PostgresServer> {
    const user = process.getuid?.() === 0 ? nobody() : undefined;
    const folder = mkdtempSync(join(tmpdir(), "optllm-postgres-"));
    if (user !== undefined) chownSync(folder, user.uid, user.gid);
    const made = spawnSync(
      join(bin!, "initdb"),
      ["-D", join(folder, "data"), "-U", "optllm", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"],
      { ...user, encoding: "utf8", cwd: folder },
    );
    if (made.status !== 0) throw new Error(made.stderr);
    const port = await freePort();
    const server = new PostgresServer(port, folder, user, launch(port, folder, user));
    await server.ready();
    return server;
  }

  get url(): string {
    return `postgres://optllm@127.0.0.1:${this.port}/postgres`;
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    // Its children end with it: immediate shutdown is a crash without orphans.
    this.child.kill("SIGQUIT");
    await ended;
  }

  async restart(): Promise<void> {
    await this.kill();
    this.child = launch(this.port, this.folder, this.user);
    await this.ready();
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async ready(): Promise<void> {
    for (;;) {
      const client = new pg.Client({ connectionString: this.url });
      client.on("error", () => undefined);
      try {
        await client.connect();
        await client.end();
        return;
      } catch {
        await sleep(50);
      }
    }
  }
}

function launch(port: number, folder: string, user: { uid: number; gid: number } | undefined): ChildProcess {
  const child = spawn(
    join(bin!, "postgres"),
    ["-D", join(folder, "data"), "-p", `${port}`, "-h", "127.0.0.1", "-k", folder, "-c", "fsync=off"],
    { ...user, stdio: "ignore", cwd: folder },
  );
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}
