/** What the reason of a failed job begins with where its worker does not see the run or its inputs as they were planned. */
const MARK = "misplaced worker: ";

export function misplacedReason(reason: string): string {
  return MARK + reason;
}

/** The reason without its mark; undefined for one without. */
export function reasonIn(text: string): string | undefined {
  return text.startsWith(MARK) ? text.slice(MARK.length) : undefined;
}
