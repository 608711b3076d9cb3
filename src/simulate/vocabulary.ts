import { Random } from "../random.js";

/** Kinds of simulated queries, each with words of its own. */
export const TOPICS = 8;
/** Steps of difficulty, each with words of its own. */
export const BANDS = 5;

const TOPIC_WORDS = 80;
const BAND_WORDS = 40;
const COMMON =
  "the of and to in is for that with on as are this by be from or an at it which what how why when given find show " +
  "explain write list compare describe please answer each between into using without about after before than not";

const ONSETS = "b d f g k l m n p r s t v br cl dr fr gr pl st tr".split(" ");
const VOWELS = "a e i o u ai ea io ou".split(" ");
const CODAS = ["", "", "n", "r", "s", "l", "m", "nt", "rd", "ck"];

const common = COMMON.split(" ");
const words = invented(TOPICS * TOPIC_WORDS + BANDS * BAND_WORDS);

/**
 * `count` words about a topic: 45 % from the topic's 80 words, 20 % from the 40 words of a difficulty band, the rest
 * common. Within a list earlier words are likelier. The band is the query's own, or in one case of five a
 * neighbour, so that words tell the difficulty roughly but not exactly.
 */
export function queryText(topic: number, band: number, count: number, random: Random): string {
  let text = "";
  for (let k = 0; k < count; k++) {
    const draw = random.uniform();
    const early = random.uniform() ** 2;
    let word;
    if (draw < 0.45) word = words[topic * TOPIC_WORDS + Math.floor(early * TOPIC_WORDS)];
    else if (draw < 0.65) word = words[firstOfBand(band, random) + Math.floor(early * BAND_WORDS)];
    else word = common[Math.floor(early * common.length)];
    text += k === 0 ? word : ` ${word}`;
  }
  return text;
}

function firstOfBand(band: number, random: Random): number {
  const draw = random.uniform();
  const step = draw < 0.1 ? -1 : draw < 0.2 ? 1 : 0;
  return TOPICS * TOPIC_WORDS + Math.min(BANDS - 1, Math.max(0, band + step)) * BAND_WORDS;
}

/** Distinct made-up words of two or three syllables, the same for every seed. */
function invented(count: number): string[] {
  const random = new Random(1, 1);
  const one = (parts: string[]): string => parts[random.below(parts.length)];
  const found = new Set<string>();
  while (found.size < count) {
    let word = "";
    for (let left = 2 + random.below(2); left > 0; left--) word += one(ONSETS) + one(VOWELS);
    found.add(word + one(CODAS));
  }
  return [...found];
}
