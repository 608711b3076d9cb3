import { InputError } from "../../errors.js";
import { shown } from "../../text/shown.js";
import { checkNames, checkNumber, checkObject, refuse } from "../checks.js";
import type { LoggedRequest } from "../log/join.js";

/**
 * What a log is asked about: the policy that chose (`"logged"`), a λ in probability per dollar with the models that may
 * answer (default: all), or any other, as a function that names a model for each request.
 */
export type TargetPolicy =
  | "logged"
  | { lambda: number; models?: readonly string[] }
  | ((request: LoggedRequest) => string | undefined);

/** How a target chooses: the model's place in the request's list, −1 for none. */
export type Choose = (request: LoggedRequest) => number;

/**
 * Turns a target into a choice. Only models count that could have answered then: a model that had no room in its budget
 * is not chosen here either.
 *
 * @throws InputError for anything else.
 */
export function chooserOf(target: TargetPolicy): Choose {
  if (target === "logged") return ({ chosen }) => chosen;
  if (typeof target === "function") {
    return (request) => {
      const name = target(request);
      return name === undefined ? -1 : request.models.indexOf(name);
    };
  }
  checkObject("target", target, '"logged", { lambda, models } or a function');
  const { lambda, models } = target;
  if (lambda === undefined) refuse("lambda", lambda, "probability per dollar ≥ 0");
  checkNumber("lambda", lambda, { least: 0, most: Infinity, expected: "probability per dollar ≥ 0" });
  checkNames("models", models);
  const may = models && new Set(models);
  return (request) => greatest(request, lambda, may);
}

/** Refuses names of models that no request of the log has. */
export function checkKnown(models: readonly string[], requests: readonly LoggedRequest[]): void {
  const known = new Set(requests.flatMap((request) => request.models));
  const other = models.find((name) => !known.has(name));
  if (other === undefined) return;
  throw new InputError(`the log does not have model ${shown(other)}: nothing is known of its answers`, {
    field: "models",
    model: other,
  });
}

/** As the router chooses: ties go to the more probable model, then the cheaper, then the first. */
export function greatest(
  { models, probability, cost, propensity }: LoggedRequest,
  lambda: number,
  may: ReadonlySet<string> | undefined,
): number {
  let best = -1;
  let most = -Infinity;
  for (let m = 0; m < models.length; m++) {
    if (Number.isNaN(propensity[m]) || may?.has(models[m]) === false) continue;
    const value = lambda === Infinity ? -cost[m] : probability[m] - lambda * cost[m];
    const isBefore =
      value > most ||
      (value === most &&
        (probability[m] > probability[best] ||
          (probability[m] === probability[best] && cost[m] < cost[best])));
    if (best < 0 || isBefore) [best, most] = [m, value];
  }
  return best;
}
