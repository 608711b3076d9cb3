import { byId, make } from "../../../report/html/client/dom.js";
import { tableOf } from "../../../report/html/client/table.js";
import { brief, count, dollars, percent, UNKNOWN } from "../../../text/amounts.js";
import type { Standing } from "../../setup/standing.js";
import type { Moment, PolicyData, StatusData } from "../data.js";
import { lambdaChart } from "./lambdaChart.js";

const MOST_MOMENTS = 720;
const EVERY_MS = 5_000;

const histories = new Map<string, Moment[]>();
/** What each part showed last: only what changes is drawn again. */
const drawn = new Map<string, string>();

show(JSON.parse(byId("data").textContent) as StatusData);
listen();

function listen(): void {
  const source = new EventSource("events");
  source.onmessage = ({ data }) => {
    const status = JSON.parse(String(data)) as StatusData;
    show(status);
    say(status.isDraining ? "Live. The server is ending: it takes no more requests." : "Live.");
  };
  // The browser connects again by itself.
  source.onerror = () => say("Not connected: the figures are those of the last message.");
}

function say(text: string): void {
  const state = byId("state");
  if (state.textContent !== text) state.textContent = text;
}

function show(status: StatusData): void {
  for (const policy of status.policies) remember(policy);
  part("summary", "Summary", status, summary);
  part(
    "alarms",
    "Alarms of drift",
    status.policies.map(({ name, alarms }) => ({ name, alarms })),
    alarmList,
  );
  for (const policy of status.policies)
    part(`policy-${policy.name}`, `Policy ${policy.name}`, policy, policyPart);
  part("decisions", "Last decisions", status.decisions, decisionList);
  part("upstreams", "Upstreams", status.upstreams, upstreamTable);
  const names = new Set([
    "summary",
    "alarms",
    "decisions",
    "upstreams",
    ...status.policies.map(({ name }) => `policy-${name}`),
  ]);
  for (const section of byId("main").querySelectorAll("section"))
    if (!names.has(section.id)) section.remove();
}

function remember({ name, now, history }: PolicyData): void {
  if (history !== undefined) histories.set(name, history);
  const known = histories.get(name) ?? [];
  if (now === null || now[0] - (known.at(-1)?.[0] ?? -Infinity) < EVERY_MS) return;
  histories.set(name, [...known, now].slice(-MOST_MOMENTS));
}

function part<T>(
  id: string,
  heading: string,
  data: T,
  draw: (data: T) => (HTMLElement | SVGElement)[],
): void {
  const text = JSON.stringify(data);
  if (drawn.get(id) === text && document.getElementById(id) !== null) return;
  drawn.set(id, text);
  const section = make("section");
  section.id = id;
  const title = make("h2", "", heading);
  title.id = `${id}-heading`;
  section.setAttribute("aria-labelledby", title.id);
  section.append(title, ...draw(data));
  const old = document.getElementById(id);
  if (old !== null) old.replaceWith(section);
  else
    byId("main").insertBefore(
      section,
      id.startsWith("policy-") ? document.getElementById("decisions") : null,
    );
}

function summary({ policies, openRequests, began, version }: StatusData): HTMLElement[] {
  const total = (of: (policy: PolicyData) => number): number =>
    policies.reduce((sum, policy) => sum + of(policy), 0);
  return [
    figures([
      ["Answers", count(total(({ answers }) => answers))],
      ["Failed attempts", count(total(({ failures }) => failures))],
      ["Cost of answers", dollars(total(({ cost }) => cost))],
      ["Requests under way", count(openRequests)],
    ]),
    make("p", "hint", `OptLLM ${version}, running since ${moment(began)}.`),
  ];
}

function alarmList(policies: { name: string; alarms: string[] }[]): HTMLElement[] {
  const all = policies.flatMap(({ name, alarms }) => alarms.map((text) => `Policy ${name}: ${text}`));
  if (all.length === 0)
    return [
      make("p", "lead", "None: what is seen agrees with what was predicted, or too little was seen yet."),
    ];
  return all.map((text) => make("p", "alarm", text));
}

function policyPart(policy: PolicyData): (HTMLElement | SVGElement)[] {
  const { name, budgets, models, answers, cost, accuracy, now } = policy;
  const parts: (HTMLElement | SVGElement)[] = [
    figures([
      ["Answers", count(answers)],
      ["Cost", dollars(cost)],
      ["Estimated accuracy", percent(accuracy, 1)],
      ["λ, per dollar", brief(now?.[1] ?? null)],
    ]),
    ...budgets.flatMap(budgetPart),
    make("h3", "", "λ over the last hour"),
    ...lambdaChart(name, histories.get(name) ?? []),
    make("h3", "", "Models"),
  ];
  const columns = [
    { title: "model", unit: "text" },
    { title: "share", unit: "percent" },
    { title: "answers", unit: "count" },
    { title: "cost", unit: "dollars" },
    { title: "estimated accuracy", unit: "percent" },
    { title: "failures", unit: "count" },
    { title: "now", unit: "text" },
  ] as const;
  const rows = models.map((m) => [
    m.name,
    m.share,
    m.answers,
    m.cost,
    m.accuracy,
    m.failures,
    m.isFailing ? "failing" : "in use",
  ]);
  if (answers === 0) parts.push(make("p", "lead", "No answer yet."));
  parts.push(tableOf(`Models of policy ${name}`, columns, rows));
  return parts;
}

function budgetPart({
  name,
  budget,
  spent,
  reserved,
  planned,
  pace,
  forecast,
  end,
}: Standing): HTMLElement[] {
  const used = spent + reserved;
  const plan =
    planned === null
      ? "no plan yet"
      : `planned by now ${dollars(planned)}, pace ${pace === null ? UNKNOWN : pace.toFixed(2)}`;
  const until = end === null ? "" : `, until ${moment(Date.parse(end))}`;
  const expected =
    forecast === null ? "" : `; at the end ${dollars(forecast)} if requests go on as they have`;
  const text = `${dollars(spent)} of ${dollars(budget)} spent, ${dollars(reserved)} held${until}; ${plan}${expected}.`;
  const meter = make("div", "meter");
  meter.setAttribute("role", "img");
  meter.setAttribute("aria-label", `${percent(budget > 0 ? used / budget : null, 1)} of the budget used`);
  const place = (value: number): string => `${budget > 0 ? Math.min(100, (100 * value) / budget) : 0}%`;
  const bar = make("span", "used");
  bar.style.width = place(used);
  meter.append(bar);
  if (planned !== null) {
    const mark = make("span", "plan");
    mark.style.left = place(planned);
    meter.append(mark);
  }
  return [make("h3", "", `Budget ${name}`), make("p", "", text), meter];
}

function decisionList(decisions: StatusData["decisions"]): HTMLElement[] {
  if (decisions.length === 0) return [make("p", "lead", "No request has come yet.")];
  const list = make("ul", "decisions");
  for (const { id, time, policy, text } of decisions) {
    const item = make("li", "", text);
    item.append(make("small", "", `${moment(time)} · policy ${policy} · ${id}`));
    list.append(item);
  }
  return [list];
}

function upstreamTable(upstreams: StatusData["upstreams"]): HTMLElement[] {
  const columns = [
    { title: "upstream", unit: "text" },
    { title: "under way", unit: "count" },
    { title: "at most", unit: "count" },
    { title: "now", unit: "text" },
  ] as const;
  const rows = upstreams.map(({ name, open, most, isClosed }) => [
    name,
    open,
    most,
    isClosed ? "left alone" : "in use",
  ]);
  return [tableOf("Upstreams", columns, rows)];
}

function figures(entries: [label: string, value: string][]): HTMLElement {
  const list = make("dl", "figures");
  for (const [label, value] of entries) {
    const figure = make("div");
    figure.append(make("dt", "", label), make("dd", "", value));
    list.append(figure);
  }
  return list;
}

function moment(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
