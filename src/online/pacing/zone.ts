import { InputError } from "../../errors.js";
import { shown } from "../../text/shown.js";

/** The wall clock of a time zone. */
export class Zone {
  private readonly format: Intl.DateTimeFormat;

  /** @throws InputError for a name that this machine's time zone data do not have. */
  constructor(readonly name: string) {
    try {
      this.format = new Intl.DateTimeFormat("en-US", {
        timeZone: name,
        ...{ era: "short", year: "numeric", month: "numeric", day: "numeric" },
        ...{ hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23" },
      });
    } catch {
      throw new InputError(`timeZone is ${shown(name)}; expected a name such as "UTC" or "Europe/Berlin"`, {
        field: "timeZone",
      });
    }
  }

  /** What the wall clock shows, as if it were UTC: milliseconds since 1970, to the second. */
  wallClock(time: number): number {
    const part = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
    for (const { type, value } of this.format.formatToParts(time)) {
      if (Object.hasOwn(part, type)) part[type as keyof typeof part] = Number(value);
    }
    return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
  }

  /** Milliseconds by which the wall clock is ahead of UTC. */
  offset(time: number): number {
    return this.wallClock(time) - Math.floor(time / 1000) * 1000;
  }

  /**
   * The first moment at which the wall clock shows at least `wall`: midnight itself, or the end of a jump over it. To
   * the second.
   */
  firstAt(wall: number): number {
    // No zone is more than 15 hours from UTC.
    let before = wall - 16 * 3_600_000;
    let from = wall + 16 * 3_600_000;
    while (from - before > 1000) {
      const middle = before + Math.floor((from - before) / 2000) * 1000;
      if (this.wallClock(middle) >= wall) from = middle;
      else before = middle;
    }
    return from;
  }
}
