import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createRun } from "../../src/cluster/run.js";
import { madeProblem, testFolder, writeParts } from "./made.js";

const at = testFolder("disk-full");

it("a run that cannot be written leaves its folder to the next plan", async (context) => {
  const problem = madeProblem(10, 3, true);
  const options = {
    inputs: writeParts(problem, [], at),
    models: problem.models,
    target: { knee: true } as const,
  };
  mkdirSync(at("disk"));
  const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", at("disk")]).status === 0;
  if (!isMounted) return context.skip("no small file system can be mounted here");
  try {
    const rest = at("disk", "rest");
    writeFileSync(rest, "");
    expect(() => appendFileSync(rest, Buffer.alloc(100_000))).toThrow("ENOSPC");
    const run = at("disk", "run");
    await expect(createRun(run, options)).rejects.toThrow("the disk is full");
    expect(readdirSync(run)).toEqual([]);
    rmSync(rest);
    expect((await createRun(run, options)).files).toHaveLength(1);
  } finally {
    spawnSync("umount", [at("disk")]);
  }
});
