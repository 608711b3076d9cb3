import { byId, make } from "../../report/html/client/dom.js";
import { phaseName } from "../../report/phases.js";
import type { Answer, Judged, Planned, Request } from "../messages.js";
import { seconds } from "./amounts.js";
import { hideReport, showReport } from "./frame.js";
import { fileField, linesOf } from "./fields.js";
import { apart, droppedRows, rowsOf, titleOf, type Rows } from "./given.js";
import { startJob } from "./job.js";
import * as controls from "./settings.js";
import { commandOf, groupsOf, moveTo, notesOf, paragraphs, reveal, saving, withOptions } from "./show.js";

/** What the user gave, and what is under way. */
let labelled: Rows | undefined;
let work: Rows | undefined;
/** The first sentence of the verdict without changes. */
let unchanged: string | undefined;
let stop: (() => void) | undefined;
const prices = fileField("prices");
const vectors = fileField("vectors");
const workVectors = fileField("work-vectors");

const DECISIONS: Record<Judged["decision"], string> = {
  route: "Yes, routing pays",
  single: "No, use one model",
  unsure: "Not enough evidence",
};

/** Runs a request, in place of one that is under way, with its progress on the page. */
function start(request: Request, title: string, onAnswer: (answer: Answer, notes: string[]) => void): void {
  stop?.();
  const began = performance.now();
  const notes: string[] = [];
  showProgress(title);
  reveal("failure", false);
  stop = startJob(request, (answer) => {
    if (answer.kind === "progress") {
      showProgress(phaseName(answer.phase), answer.done, answer.total);
      return;
    }
    if (answer.kind === "note") notes.push(answer.text);
    if (answer.kind === "failed") showFailure(answer);
    if (answer.kind === "judged")
      byId("took").textContent = `${seconds(performance.now() - began)} to the verdict.`;
    if (answer.kind === "failed" || answer.kind === "done") finish();
    onAnswer(answer, notes);
  });
}

function finish(): void {
  stop = undefined;
  reveal("running", false);
}

let shownPhase = "";

function showProgress(phase: string, done = 0, total = 0): void {
  reveal("running");
  // A screen reader says each phase once.
  if (phase !== shownPhase) byId("phase").textContent = `${phase[0].toUpperCase()}${phase.slice(1)} …`;
  shownPhase = phase;
  const bar = byId<HTMLProgressElement>("progress");
  if (total > 0) Object.assign(bar, { max: total, value: Math.min(done, total) });
  else bar.removeAttribute("value");
}

function showFailure({ message, isFault }: { message: string; isFault: boolean }): void {
  byId("failure-heading").textContent = isFault ? "A fault of this page" : "That did not work";
  byId("failure-text").replaceChildren(...withOptions(message));
  reveal("failure-hint", message.includes("--"));
  moveTo(reveal("failure"));
}

function take(rows: Rows | undefined): void {
  if (rows === undefined) return;
  labelled = rows;
  unchanged = undefined;
  const given = reveal("given");
  given.textContent = titleOf(rows);
  byId<HTMLButtonElement>("again").disabled = false;
  controls.listModels([]);
  judge();
}

function takeWork(rows: Rows | undefined): void {
  if (rows === undefined) return;
  work = rows;
  byId("work-given").textContent = titleOf(rows);
  byId<HTMLButtonElement>("start-plan").disabled = false;
}

/** What every request brings, and the paths of its files. */
function onRows(labelled: Rows, more: { work?: Rows; workVectors?: Rows } = {}) {
  const { files, paths } = apart({ labelled, prices: prices(), vectors: vectors(), ...more });
  return { paths, request: { files, labelled: paths.labelled!, settings: controls.settings(paths) } };
}

function judge(): void {
  if (labelled === undefined) return;
  for (const id of ["verdict", "what-if", "plan"]) reveal(id, false);
  hideReport();
  const changes = controls.changes();
  const request = {
    ...{ kind: "judge" as const, ...onRows(labelled).request, targets: [], changes },
    ...controls.shown("judge-limits", "group"),
  };
  start(request, "Starting", (answer, notes) => {
    if (answer.kind === "judged") showVerdict(answer, notes, changes !== undefined);
    if (answer.kind === "report") showReport(answer.page);
    if (answer.kind === "failed" && changes !== undefined) reveal("what-if");
  });
}

function showVerdict(judged: Judged, notes: string[], isChanged: boolean): void {
  const { decision, sentences, groups, command, models } = judged;
  byId("decision").textContent = `${DECISIONS[decision]}${isChanged ? ", with these changes" : ""}`;
  byId("verdict-text").replaceChildren(...paragraphs(sentences));
  byId("verdict-groups").replaceChildren(...groupsOf(groups));
  if (!isChanged) unchanged = sentences[0];
  const before = reveal("before", isChanged && unchanged !== undefined);
  before.textContent = `Without the changes: ${unchanged}`;
  byId("verdict-command").replaceChildren(...notesOf(notes), commandOf(command));
  byId("fitted").replaceChildren();
  controls.listModels(models);
  for (const id of ["what-if", "plan"]) reveal(id);
  moveTo(reveal("verdict"));
}

function makePredictor(): void {
  if (labelled === undefined) return;
  start({ kind: "fit", ...onRows(labelled).request }, "Fitting", (answer, notes) => {
    if (answer.kind !== "made") return;
    const links = make("div", "choices");
    links.append(...answer.files.map(saving));
    const use = "For optllm predict, optllm solve and optllm serve.";
    byId("fitted").replaceChildren(
      links,
      make("p", "hint", use),
      ...notesOf(notes),
      commandOf(answer.command),
    );
  });
}

function planWork(): void {
  if (labelled === undefined || work === undefined) return;
  byId("planned").replaceChildren();
  const { paths, request: given } = onRows(labelled, { work, workVectors: workVectors() });
  const request: Request = {
    kind: "plan",
    ...given,
    work: paths.work!,
    vectors: paths.workVectors,
    where: linesOf("work-where"),
    target: controls.target(),
    changes: controls.changes(),
    ...controls.shown("limits", "work-group"),
    isBatch: controls.isBatch(),
  };
  start(request, "Planning", (answer, notes) => {
    if (answer.kind === "planned") showPlan(answer, notes);
    if (answer.kind === "report") showReport(answer.page);
  });
}

function showPlan({ sentences, groups, notes, files, command }: Planned, read: string[]): void {
  const links = make("div", "choices");
  links.append(...files.map(saving));
  const planned = byId("planned");
  planned.replaceChildren(
    ...paragraphs(sentences),
    ...groupsOf(groups),
    links,
    ...notesOf([...read, ...notes]),
    commandOf(command),
  );
  moveTo(planned);
}

function tryExample(): void {
  start({ kind: "example" }, "Making sample data", (answer) => {
    if (answer.kind !== "rows") return;
    const rows = { path: answer.labelled.path, files: [answer.labelled] };
    takeWork({ path: answer.work.path, files: [answer.work] });
    take(rows);
  });
}

function onClick(id: string, run: () => void): void {
  byId(id).addEventListener("click", run);
}

/** The files of a control, which may then take the same file again. */
function onFiles(id: string, take: (rows: Rows | undefined) => void): void {
  const input = byId<HTMLInputElement>(id);
  input.addEventListener("change", () => {
    take(rowsOf(input.files ?? []));
    input.value = "";
  });
}

onFiles("files", take);
onFiles("folder", take);
onFiles("work-files", takeWork);
onClick("example", tryExample);
onClick("again", judge);
onClick("fit", makePredictor);
onClick("half", controls.atHalfPrice);
onClick("unchanged", controls.withoutChanges);
onClick("judge-changed", judge);
onClick("start-plan", planWork);
onClick("cancel", () => {
  stop?.();
  finish();
  byId("given").focus();
});

const drop = byId("drop");
for (const kind of ["dragenter", "dragover"])
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
document.addEventListener("dragleave", ({ relatedTarget }) => {
  if (relatedTarget === null) drop.classList.remove("over");
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  if (event.dataTransfer !== null)
    void droppedRows(event.dataTransfer).then(take, (error: unknown) =>
      showFailure({ message: String(error), isFault: false }),
    );
});
