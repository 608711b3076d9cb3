import { InputError } from "../../errors.js";

/** OpenAI's vocabularies are larger than the whole page, which leaves them to the command line. */
export function countTokens(): never {
  throw new InputError(
    "a query is so long that its tokens must be counted with OpenAI's vocabulary, which this page does not carry; plan this work on the command line, or remove the longest queries",
  );
}
