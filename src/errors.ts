/** A closed set: what went wrong, by whose doing. */
export type ErrorCode = "E_INPUT" | "E_OVERLOADED" | "E_CORE";

/** Every error that OptLLM raises on purpose. `details` names the field and the value, for machines. */
export class OptllmError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = new.target.name;
  }
}

/** The caller's data or options are wrong: exit code 2. */
export class InputError extends OptllmError {
  constructor(message: string, details?: Record<string, unknown>) {
    super("E_INPUT", message, details);
  }
}

/** A queue is full; try again later: exit code 75. */
export class OverloadedError extends OptllmError {
  constructor(message: string, details?: Record<string, unknown>) {
    super("E_OVERLOADED", message, details);
  }
}

/** Our fault: a missing or stale build, a trap, a failed assertion: exit code 70. */
export class CoreError extends OptllmError {
  constructor(message: string, details?: Record<string, unknown>) {
    super("E_CORE", message, details);
  }
}
