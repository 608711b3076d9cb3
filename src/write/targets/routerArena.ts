import { jsonOf } from "../../json.js";

/** One entry of a RouterArena prediction file. */
export interface ArenaPrediction {
  /** As the benchmark's file has it. */
  globalIndex: unknown;
  prompt: string;
  model: string;
}

/**
 * The text of a RouterArena prediction file, a JSON list in the order given: `global_index`, `prompt`, `prediction`, and
 * `generated_result`, `cost` and `accuracy`, which its own tools fill in, as null.
 */
export async function* arenaText(predictions: AsyncIterable<ArenaPrediction>): AsyncGenerator<string> {
  let before = "[\n";
  for await (const { globalIndex, prompt, model } of predictions) {
    const entry = {
      ...{ global_index: globalIndex, prompt, prediction: model },
      ...{ generated_result: null, cost: null, accuracy: null },
    };
    yield before + jsonOf(entry);
    before = ",\n";
  }
  yield before === "[\n" ? "[]\n" : "\n]\n";
}
