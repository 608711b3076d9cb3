/** What kind of error it is. The set is closed. */
export type ErrorCode = "E_INPUT" | "E_OVERLOADED" | "E_CORE";

/** Base class of the errors that OptLLM raises deliberately. `details` holds the field and the value, for programs. */
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

/** The caller's data or options are wrong. Exit code 2. */
export class InputError extends OptllmError {
  constructor(message: string, details?: Record<string, unknown>) {
    super("E_INPUT", message, details);
  }
}

/** A queue is full; try again later. Exit code 75. */
export class OverloadedError extends OptllmError {
  constructor(message: string, details?: Record<string, unknown>) {
    super("E_OVERLOADED", message, details);
  }
}

/** A fault of OptLLM itself: a missing or stale build, a trap, a failed assertion. Exit code 70. */
export class CoreError extends OptllmError {
  constructor(message: string, details?: Record<string, unknown>) {
    super("E_CORE", message, details);
  }
}
