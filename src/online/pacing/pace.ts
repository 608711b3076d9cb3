import { hoursOf, periodAt, type Period, type Span } from "./periods.js";
import { Profile, type ProfileState } from "./profile.js";
import type { Zone } from "./zone.js";

const HOUR = 3_600_000;
/** The share of the expected requests that a measured level is mixed with. */
const PRIOR_SHARE = 0.05;
/** Hours watched at which the learned number of requests counts as much as the forecast. */
const FORECAST_HOURS = 168;
/** The shortest time from which a number of requests is extrapolated. */
const SHORTEST = 60_000;

/** When a budget is renewed and what is known beforehand about its requests. */
export interface PaceOptions {
  period: Period;
  zone: Zone;
  /** Only with `total`: when the money is to last until, milliseconds since 1970. */
  until?: number;
  /** Expected requests of a whole period. */
  requests?: number;
}

export interface PaceState {
  profile: ProfileState;
  /** Start of the period under way; undefined before the first request. */
  start?: number;
  /** When the first request of the period under way could have come. */
  since?: number;
  /** Requests of the period under way. */
  seen: number;
}

/** How many requests of a budget's period are still to come. */
export class Pace {
  readonly profile: Profile;
  span: Span | undefined;
  seen = 0;
  /** Expected requests a day, for the sample of a day; undefined while unknown. */
  perDay: number | undefined;
  private since = 0;
  /** Expected requests by hour of the span, summed up to the beginning of each; undefined: to be computed again. */
  private passed: Float64Array | undefined;
  private hours: Uint8Array | undefined;

  constructor(
    private readonly options: PaceOptions,
    state?: PaceState,
  ) {
    this.profile = new Profile(options.zone, state?.profile);
    this.learn();
    if (state?.start === undefined) return;
    this.seen = state.seen;
    this.since = state.since ?? state.start;
    this.span = this.spanAt(state.start);
  }

  /** Counts requests at a time, or none; begins a new period when the time has come. */
  observe(time: number, requests = 1): void {
    if (this.profile.observe(time, requests)) this.learn();
    const isOver = time >= (this.span?.end ?? -Infinity) && this.options.period !== "total";
    if (this.span === undefined || isOver) {
      this.since = this.span === undefined ? time : this.spanAt(time).start;
      this.span = this.spanAt(time);
      this.seen = 0;
      this.passed = this.hours = undefined;
    }
    this.seen += requests;
  }

  /** Expected requests from a time of the period under way to its end, at least 1; ∞ if the period has no end. */
  left(time: number): number {
    const { requests } = this.options;
    if (this.span === undefined || this.span.end === Infinity) {
      return requests === undefined ? Infinity : Math.max(1, requests - this.seen);
    }
    const share = this.shareAt(time);
    const since = this.shareAt(this.since);
    const all = this.expected(share - since);
    const soFar = all * (share - since);
    const prior = PRIOR_SHARE * all * (1 - since);
    const level = (this.seen + prior) / (soFar + prior);
    return Math.max(1, all * (1 - share) * level);
  }

  state(): PaceState {
    const { span, since, seen } = this;
    return { profile: this.profile.state(), ...(span && { start: span.start, since }), seen };
  }

  /** An hour has ended: its requests change what is expected. */
  private learn(): void {
    this.passed = undefined;
    if (this.profile.watched < 1) return;
    this.perDay = this.profile.rates().reduce((sum, rate) => sum + rate, 0) / 7;
  }

  /** Expected requests of the whole period, from what was learned, or the forecast, or what has come so far. */
  private expected(shareSeen: number): number {
    const { start, end } = this.span!;
    const watched = this.profile.watched;
    const learned = watched >= 1 ? this.passed!.at(-1) : undefined;
    const { requests } = this.options;
    if (requests !== undefined) {
      const weight = learned === undefined ? 0 : watched / (watched + FORECAST_HOURS);
      return weight * (learned ?? 0) + (1 - weight) * requests;
    }
    return learned ?? (this.seen + 1) / Math.max(shareSeen, SHORTEST / (end - start));
  }

  /** The share of the period's requests that come before a time. */
  private shareAt(time: number): number {
    const { start, end } = this.span!;
    const passed = (this.passed ??= this.sums());
    const hour = Math.min(passed.length - 2, Math.max(0, Math.floor((time - start) / HOUR)));
    const length = Math.min(HOUR, end - start - hour * HOUR);
    const part = Math.min(1, Math.max(0, (time - start - hour * HOUR) / length));
    return (passed[hour] + part * (passed[hour + 1] - passed[hour])) / passed[passed.length - 1];
  }

  private sums(): Float64Array {
    const hours = (this.hours ??= hoursOf(this.span!, this.options.zone));
    const rates = this.profile.rates();
    const sums = new Float64Array(hours.length + 1);
    for (let h = 0; h < hours.length; h++) sums[h + 1] = sums[h] + rates[hours[h]];
    return sums;
  }

  private spanAt(time: number): Span {
    const { period, zone, until = Infinity } = this.options;
    if (period !== "total") return periodAt(time, period, zone);
    // The money of a total budget is one account, whenever the first request came.
    return { start: this.span?.start ?? time, end: until };
  }
}
