import type { OriginData } from "../../data.js";
import { addSection, make } from "./dom.js";
import { tableOf } from "./table.js";

/** Everything needed to repeat the run. */
export function showOrigin(parent: HTMLElement, { command, inputs, settings, versions }: OriginData): void {
  const section = addSection(
    parent,
    "How to repeat this run",
    "The same command with the same inputs and version gives the same report, byte for byte. " +
      "`sha256sum` prints a file's digest.",
  );
  const line = make("pre");
  line.tabIndex = 0;
  line.append(make("code", "", command));
  section.append(
    line,
    tableOf(
      "Inputs",
      [
        { title: "input", unit: "text" },
        { title: "SHA-256", unit: "text" },
      ],
      inputs.map(({ name, sha256 }) => [name, sha256 ?? "standard input, not kept"]),
    ),
    tableOf(
      "Settings and versions",
      [
        { title: "setting", unit: "text" },
        { title: "value", unit: "text" },
      ],
      [...settings, ...versions].map(({ name, value }) => [name, value]),
    ),
  );
}
