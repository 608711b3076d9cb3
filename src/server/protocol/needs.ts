import { objectOf } from "./fields.js";

/** What a model must be able to read for each type of part; the endpoints spell the same thing differently. */
const ABILITY = new Map([
  ["image_url", "images"],
  ["input_image", "images"],
  ["input_audio", "audio"],
  ["file", "files"],
  ["input_file", "files"],
]);

/** Adds what the parts of a message need. */
export function needsOfContent(content: unknown, needs: Set<string>): void {
  if (!Array.isArray(content)) return;
  for (const part of content) {
    const type = objectOf(part)?.type;
    const ability = typeof type === "string" ? ABILITY.get(type) : undefined;
    if (ability !== undefined) needs.add(ability);
  }
}
