/** A conversation and the model that answered it last. */
export interface Session {
  model: number;
  /** Milliseconds since 1970. */
  at: number;
  /** Tokens that the model's prompt cache may still hold. */
  tokens: number;
}

const MOST_SESSIONS = 10_000;
/** How long a model is remembered. */
const PINNED_MS = 3_600_000;
/** How long providers keep a prompt cache at least. */
const WARM_MS = 300_000;

/** The last 10,000 conversations, each for an hour after its last request. */
export class Sessions {
  /** The one used last stands last. */
  private readonly all = new Map<string, Session>();

  find(id: string, time: number): Session | undefined {
    const session = this.all.get(id);
    return session !== undefined && time - session.at <= PINNED_MS ? session : undefined;
  }

  /** Tokens of a request that its session's model need not read anew. */
  warmTokens({ at, tokens }: Session, time: number, input: number): number {
    return time - at <= WARM_MS ? Math.min(tokens, input) : 0;
  }

  set(id: string, session: Session): void {
    this.all.delete(id);
    this.all.set(id, session);
    if (this.all.size <= MOST_SESSIONS) return;
    const { value: oldest } = this.all.keys().next();
    this.all.delete(oldest as string);
  }

  state(): [string, Session][] {
    return [...this.all].map(([id, session]) => [id, { ...session }]);
  }
}
