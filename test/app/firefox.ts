import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "undici";

const PLACES = ["/usr/bin/firefox-esr", "/usr/bin/firefox"];

/** A Firefox of this machine; OPTLLM_FIREFOX names another one. Undefined where there is none. */
export const firefoxPath = [process.env.OPTLLM_FIREFOX ?? "", ...PLACES].find(
  (path) => path !== "" && existsSync(path),
);
if (firefoxPath === undefined) {
  console.log("tests in Firefox are skipped: none here (apt-get install firefox-esr, or set OPTLLM_FIREFOX)");
}

/** After so long without an answer a test fails, in place of waiting for ever. */
const ANSWER_MS = 120_000;

/** Keeps Firefox from asking the network for anything by itself, and saves downloads without a question. */
const preferences = (downloads: string): Record<string, string | number | boolean> => ({
  "app.normandy.enabled": false,
  "app.update.disabledForTesting": true,
  "browser.download.dir": downloads,
  "browser.download.folderList": 2,
  "browser.safebrowsing.downloads.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "remote.prefs.recommended": true,
  "toolkit.telemetry.server": "",
});

interface Message {
  id?: number;
  type: "success" | "error" | "event";
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  message?: string;
}

/** What a script in the page gives back: a text, a number, a truth value or nothing. */
type Value = string | number | boolean | null | undefined | void;

/** One tab of Firefox, driven by WebDriver BiDi [https://w3c.github.io/webdriver-bidi/], which stock builds speak. */
export class Firefox {
  /** Errors of the page, and every address that it asked for after it was opened. */
  readonly complaints: string[] = [];
  readonly downloads: string;
  private readonly waiting = new Map<
    number,
    { resolve: (result: Record<string, unknown>) => void; reject: (error: Error) => void }
  >();
  private sent = 0;
  private context = "";
  private isOpen = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly profile: string,
    private readonly socket: WebSocket,
  ) {
    this.downloads = join(profile, "downloads");
    socket.addEventListener("message", ({ data }) => this.take(JSON.parse(String(data)) as Message));
    socket.addEventListener("close", () => {
      for (const { reject } of this.waiting.values()) reject(new Error("Firefox is gone"));
    });
  }

  static async start(): Promise<Firefox> {
    const profile = mkdtempSync(join(tmpdir(), "optllm-firefox-"));
    mkdirSync(join(profile, "downloads"));
    const lines = Object.entries(preferences(join(profile, "downloads"))).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
    );
    writeFileSync(join(profile, "user.js"), lines.join(""));
    const argv = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"];
    const child = spawn(firefoxPath!, argv, { stdio: ["ignore", "ignore", "pipe"] });
    const socket = new WebSocket(`${await addressOf(child)}/session`);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener("open", () => resolve());
      socket.addEventListener("error", () => reject(new Error("Firefox does not answer")));
    });
    const firefox = new Firefox(child, profile, socket);
    await firefox.send("session.new", { capabilities: {} });
    await firefox.send("session.subscribe", { events: ["network.beforeRequestSent", "log.entryAdded"] });
    return firefox;
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    await this.send("browser.close", {}).catch(() => this.child.kill());
    await ended;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Opens an address in a new tab, in place of the one before. */
  async open(url: string): Promise<void> {
    this.isOpen = false;
    const { context } = await this.send("browsingContext.create", { type: "tab" });
    this.context = context as string;
    await this.send("browsingContext.navigate", { context, url, wait: "complete" });
    this.isOpen = true;
  }

  /** Runs a function in the page, with texts and numbers as its arguments. */
  async run<Arguments extends (string | number)[], Result extends Value>(
    functionDeclaration: (...args: Arguments) => Result | Promise<Result>,
    ...args: Arguments
  ): Promise<Result> {
    const { type, result, exceptionDetails } = await this.send("script.callFunction", {
      functionDeclaration: String(functionDeclaration),
      arguments: args.map((value) => ({ type: typeof value, value })),
      awaitPromise: true,
      target: { context: this.context },
    });
    if (type !== "success") throw new Error((exceptionDetails as { text: string }).text);
    return (result as { value?: Result }).value as Result;
  }

  /** Chooses files in a control of the page. */
  async setFiles(selector: string, ...files: string[]): Promise<void> {
    const { nodes } = await this.send("browsingContext.locateNodes", {
      context: this.context,
      locator: { type: "css", value: selector },
    });
    const [{ sharedId }] = nodes as { sharedId: string }[];
    await this.send("input.setFiles", { context: this.context, element: { sharedId }, files });
  }

  /** Clicks an element as a user does. */
  async click(selector: string): Promise<void> {
    await this.run((selector) => document.querySelector<HTMLElement>(selector)!.click(), selector);
  }

  private send(method: string, params: object): Promise<Record<string, unknown>> {
    const id = this.sent++;
    let timer: NodeJS.Timeout;
    const answer = new Promise<Record<string, unknown>>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`Firefox does not answer to ${method}`)), ANSWER_MS);
      this.waiting.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ id, method, params }));
    });
    return answer.finally(() => clearTimeout(timer));
  }

  private take({ id, type, method, params, result, message }: Message): void {
    if (type === "event") return this.hear(method!, params!);
    const call = this.waiting.get(id!);
    this.waiting.delete(id!);
    if (type === "error") call?.reject(new Error(message));
    else call?.resolve(result!);
  }

  private hear(method: string, params: Record<string, unknown>): void {
    if (method === "log.entryAdded") {
      if (params.level === "error" || params.level === "warn") this.complaints.push(String(params.text));
      return;
    }
    const { url } = params.request as { url: string };
    if (this.isOpen && !/^(blob|data|about):/.test(url)) this.complaints.push(`request: ${url}`);
  }
}

/** Where Firefox listens, which it says on standard error. */
function addressOf({ stderr }: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const timer = setTimeout(() => reject(new Error(`Firefox does not listen: ${said}`)), ANSWER_MS);
    stderr!.on("data", (piece) => {
      said += String(piece);
      const found = /WebDriver BiDi listening on (ws:\S+)/.exec(said);
      if (found === null) return;
      clearTimeout(timer);
      resolve(found[1]);
    });
  });
}
