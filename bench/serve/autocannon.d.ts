/** What is used here of a package that brings no types. */
declare module "autocannon" {
  interface Options {
    url: string;
    method: "POST";
    headers: Record<string, string>;
    body?: string;
    requests?: { body: string }[];
    connections: number;
    duration: number;
    /** Requests a second, all connections together. */
    overallRate?: number;
  }
  interface Result {
    errors: number;
    timeouts: number;
    non2xx: number;
    duration: number;
    requests: { total: number };
    /** Whole milliseconds, corrected for requests that could not be sent in time. */
    latency: { p50: number; p99: number };
  }
  interface Run extends Promise<Result> {
    on(
      event: "response",
      listener: (client: unknown, status: number, bytes: number, ms: number) => void,
    ): this;
  }
  export default function autocannon(options: Options): Run;
}
