import type { LanguageModelV3 } from "./types.js";

type Urls = Record<string, RegExp[]>;

/**
 * The addresses that every model takes: for each pattern of media types, the expressions that all of them list. Whatever
 * is not listed, the SDK downloads and sends along, so leaving one out is never wrong.
 */
export async function commonUrls(models: readonly LanguageModelV3[]): Promise<Urls> {
  const [first = {}, ...others] = await Promise.all(models.map(async ({ supportedUrls }) => supportedUrls));
  const common: [string, RegExp[]][] = Object.entries(first).map(([media, patterns]) => [
    media,
    patterns.filter((pattern) => others.every((urls) => lists(urls, media, pattern))),
  ]);
  return Object.fromEntries(common.filter(([, patterns]) => patterns.length > 0));
}

function lists(urls: Urls, media: string, pattern: RegExp): boolean {
  const patterns = Object.hasOwn(urls, media) ? urls[media] : [];
  return patterns.some(({ source, flags }) => source === pattern.source && flags === pattern.flags);
}
