/** OpenAI's public vocabularies. */
export type Encoding = "o200k_base" | "cl100k_base";

/** Longest run of letters, or of other characters, that is encoded in one piece. */
const RUN = 64;
const LONG_RUN = new RegExp(`[\\p{L}\\p{M}]{${RUN}}|[^\\p{L}\\p{N}]{${RUN}}`, "gu");
// Special tokens in a text are data, not commands: they are counted as the characters they are.
const AS_TEXT = { disallowedSpecial: new Set<string>() };

const loaded = new Map<Encoding, Promise<(text: string) => number>>();

/**
 * Loads a vocabulary once (about 0.3 s) and returns the function that counts a text's tokens.
 *
 * The count is exact for texts whose words are shorter than 64 characters. Merging is quadratic in the length of a piece
 * without a break, so longer runs of letters, or of anything but letters and digits, are cut every 64 characters, which
 * can add a token a cut. Time is linear in the length.
 */
export function loadEncoding(name: Encoding): Promise<(text: string) => number> {
  let counter = loaded.get(name);
  if (counter === undefined) {
    counter = load(name);
    loaded.set(name, counter);
  }
  return counter;
}

async function load(name: Encoding): Promise<(text: string) => number> {
  const { countTokens } =
    name === "o200k_base"
      ? await import("gpt-tokenizer/encoding/o200k_base")
      : await import("gpt-tokenizer/encoding/cl100k_base");
  return (text) => {
    if (text.length < RUN) return countTokens(text, AS_TEXT);
    let tokens = 0;
    let from = 0;
    LONG_RUN.lastIndex = 0;
    while (LONG_RUN.test(text)) {
      tokens += countTokens(text.slice(from, LONG_RUN.lastIndex), AS_TEXT);
      from = LONG_RUN.lastIndex;
    }
    return tokens + countTokens(text.slice(from), AS_TEXT);
  };
}
