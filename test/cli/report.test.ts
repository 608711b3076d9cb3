import { expect, it } from "vitest";
import { budgetCommand } from "../../src/cli/report.js";

it("leaves out of a command line the key that an address holds", () => {
  const line = budgetCommand([
    ..."solve work.jsonl --embed http://host/v1/embeddings?key=secret --knee".split(" "),
    "--embed=https://me:secret@host/v1#secret",
  ]);
  expect(line).toBe(
    "optllm solve work.jsonl --embed 'http://host/v1/embeddings?…' '--embed=https://host/v1?…' -o allocation.jsonl --budget",
  );
});
