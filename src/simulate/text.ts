import type { Random } from "../random.js";
import { BAND_WORDS, TOPIC_WORDS } from "./vocabulary.js";

const OPENERS = (
  "explain|compare|summarise|describe|what is|how does one find|why does it matter|please list|check|rewrite|" +
  "give an example of|estimate|plan|translate|review|what changes about"
).split("|");
const JOINTS = "and with for after before without under from against behind beside inside near".split(" ");
const LAST = "today please again exactly now twice first thanks".split(" ");
const PHRASES_OF_A_SENTENCE = 3;

/**
 * `count` words in sentences that ask for something. About 45 % are nouns of the topic, 20 % adjectives of a band of
 * difficulty, the rest common to all texts. Within a list earlier words are likelier. The band is the query's own, or
 * in one case of five a neighbour, so that words indicate the difficulty only roughly.
 */
export function queryText(topic: number, band: number, count: number, random: Random): string {
  const sentences: string[] = [];
  for (let left = count; left > 0;) {
    const words = sentence(topic, band, left, random);
    left -= words.length;
    sentences.push(written(words));
  }
  return sentences.join(" ");
}

/** At most `most` words: an opener and up to three phrases. No single word is left for a sentence of its own. */
function sentence(topic: number, band: number, most: number, random: Random): string[] {
  const words = one(OPENERS, random).split(" ").slice(0, most);
  for (let k = 0; k < PHRASES_OF_A_SENTENCE && words.length < most; k++) {
    words.push(...phrase(topic, band, most - words.length, k === 0, random));
  }
  if (most - words.length === 1) words.push(one(LAST, random));
  return words;
}

/** At most `most` words: "for the simple order refund", or less of it. The first phrase needs no joint. */
function phrase(topic: number, band: number, most: number, isFirst: boolean, random: Random): string[] {
  if (most === 1) return [one(LAST, random)];
  const adjective = early(BAND_WORDS[near(band, random)], random);
  const noun = early(TOPIC_WORDS[topic], random);
  const second = early(TOPIC_WORDS[topic], random);
  const before = isFirst ? [] : [one(JOINTS, random)];
  if (random.uniform() < 0.5) before.push("the");
  // The end of a text may have no room for all of it: first the article goes, then a noun, then the adjective.
  if (before.length + 3 > most && before.at(-1) === "the") before.pop();
  if (before.length + 3 <= most && second !== noun) return [...before, adjective, noun, second];
  return before.length + 2 <= most ? [...before, adjective, noun] : [...before, noun];
}

function written(words: string[]): string {
  const text = words.join(" ");
  const isQuestion = /^(what|how|why) /.test(text);
  return `${text[0].toUpperCase()}${text.slice(1)}${isQuestion ? "?" : "."}`;
}

function one(list: readonly string[], random: Random): string {
  return list[random.below(list.length)];
}

/** A word of a list, the earlier the likelier. */
function early(list: readonly string[], random: Random): string {
  return list[Math.floor(random.uniform() ** 2 * list.length)];
}

/** The band itself, or in one case of five a neighbour. */
function near(band: number, random: Random): number {
  const draw = random.uniform();
  const step = draw < 0.1 ? -1 : draw < 0.2 ? 1 : 0;
  return Math.min(BAND_WORDS.length - 1, Math.max(0, band + step));
}
