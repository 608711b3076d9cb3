import { it } from "vitest";
import { checkKilled } from "./killed.js";

it("a journal whose process is killed at 200 random moments loses no settled cent and counts none twice", () =>
  checkKilled(200, 1));
