import type { BudgetStatus } from "../../online/router.js";

/** How a budget stands, for JSON: null for what is not known. */
export interface Standing extends Omit<BudgetStatus, "end" | "lambda" | "requestsLeft"> {
  /** When the period under way ends, ISO 8601. */
  end: string | null;
  lambda: number | null;
  requestsLeft: number | null;
  /** Dollars of the whole period. */
  budget: number;
  /** Dollars that would be spent by now if every expected request of the period cost the same. */
  planned: number | null;
  /** What is spent over what is planned: above 1 is faster. */
  pace: number | null;
  /** Dollars at the end of the period if requests go on as they have. */
  forecast: number | null;
}

export function standingOf(status: BudgetStatus): Standing {
  const { end, spent, reserved, left, requestsSeen, requestsLeft, lambda } = status;
  const isForeseen = requestsSeen > 0 && Number.isFinite(requestsLeft);
  const used = spent + reserved;
  const budget = used + left;
  const planned = isForeseen ? (budget * requestsSeen) / (requestsSeen + requestsLeft) : null;
  return {
    ...status,
    end: Number.isFinite(end) ? new Date(end).toISOString() : null,
    lambda: lambda ?? null,
    requestsLeft: Number.isFinite(requestsLeft) ? requestsLeft : null,
    budget,
    planned,
    pace: planned !== null && planned > 0 ? used / planned : null,
    forecast: isForeseen ? used + (used / requestsSeen) * requestsLeft : null,
  };
}
