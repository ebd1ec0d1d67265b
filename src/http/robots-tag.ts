/**
 * Obeys X-Robots-Tag, with which a server forbids the use of an image to all robots or to those
 * that it names. The header of a redirect does not apply to an image.
 */
import type { Exchange } from './exchange';
import { FetchFailure } from './failures/fetch-failure';

/**
 * Rules that forbid the use of an image.
 *
 * @see Google Search Central, "Robots meta tag, data-nosnippet, and X-Robots-Tag specifications";
 * `noai` and `noimageai` were introduced by DeviantArt and are read by img2dataset.
 */
const FORBIDDING_RULES: ReadonlySet<string> = new Set([
  'noai',
  'noimageai',
  'noindex',
  'noimageindex',
  'none',
]);

/** Rules that have a value: the text before their colon is not the name of a robot. */
const RULES_WITH_VALUE = /^(unavailable_after|max-snippet|max-image-preview|max-video-preview)$/;

/** @throws FetchFailure `robots_tag` if the image must not be stored; its body is not read then. */
export function checkRobotsTag(response: Pick<Exchange, 'headers'>, userAgent: string): void {
  const values = [response.headers['x-robots-tag'] ?? []].flat();
  const [rule] = values.flatMap((value) => forbiddingRule(value, userAgent) ?? []);
  if (rule !== undefined)
    throw new FetchFailure('robots_tag', `X-Robots-Tag: ${rule} (ARTEMIS_HONOR_ROBOTS_TAG)`);
}

/**
 * The first rule that forbids the use and applies to all robots or to `userAgent`; null if there is
 * none. A name applies until the next name or the end of the value.
 */
export function forbiddingRule(value: string, userAgent: string): string | null {
  const ownName = userAgent.split(/[/\s]/, 1)[0]?.toLowerCase() ?? '';
  let appliesToUs = true;
  for (const part of value.toLowerCase().split(',')) {
    const [, name, namedRule] = /^\s*([^:\s]+)\s*:(.*)$/.exec(part) ?? [];
    const isNamed = name !== undefined && !RULES_WITH_VALUE.test(name);
    if (isNamed) appliesToUs = name === ownName || name === '*';
    const rule = (isNamed ? (namedRule ?? '') : part).trim();
    if (appliesToUs && FORBIDDING_RULES.has(rule)) return rule;
  }
  return null;
}
