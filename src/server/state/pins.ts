import type { Pins } from "../proxy/call.js";
import { Recent } from "./recent.js";

const MOST = 10_000;
const LONGEST_ID = 300;

interface Pin {
  key: string | undefined;
  policy: string;
  model: string;
}

/** The models that gave the last 10,000 answers of /v1/responses. Only the key that got an answer can continue it. */
export class RecentPins implements Pins {
  private readonly recent = new Recent<Pin>(MOST);

  find(id: string, key: string | undefined): Pin | undefined {
    const pin = this.recent.get(id);
    return pin !== undefined && pin.key === key ? pin : undefined;
  }

  set(id: string, key: string | undefined, policy: string, model: string): void {
    if (id.length <= LONGEST_ID) this.recent.set(id, { key, policy, model });
  }

  state(): [string, Pin][] {
    return this.recent.entries();
  }

  restore(entries: unknown): void {
    if (!Array.isArray(entries)) return;
    for (const entry of entries) {
      const [id, pin] = Array.isArray(entry) ? (entry as [unknown, Partial<Pin> | undefined]) : [];
      const { key, policy, model } = pin ?? {};
      const isPin = typeof policy === "string" && typeof model === "string";
      if (typeof id === "string" && isPin && (key === undefined || typeof key === "string"))
        this.set(id, key, policy, model);
    }
  }
}
