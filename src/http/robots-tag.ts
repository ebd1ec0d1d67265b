/** X-Robots-Tag: a server that does not want its images to be taken, told by whom it names. A redirect's speaks of no image. */
import type { Exchange } from './exchange';
import { FetchFailure } from './fetch-failure';

/** **Source** Google Search Central, "Robots meta tag … specifications"; noai and noimageai: DeviantArt's, read by img2dataset. */
const FORBIDDING: ReadonlySet<string> = new Set([
  'noai',
  'noimageai',
  'noindex',
  'noimageindex',
  'none',
]);

/** Rules that have a value themselves: what stands before their colon is no robot's name. */
const WITH_VALUE = /^(unavailable_after|max-snippet|max-image-preview|max-video-preview)$/;

/** **Errors** FetchFailure `robots_tag`: not stored, and its body is not read. */
export function checkRobotsTag(response: Pick<Exchange, 'headers'>, userAgent: string): void {
  const values = [response.headers['x-robots-tag'] ?? []].flat();
  const [rule] = values.flatMap((value) => forbiddingRule(value, userAgent) ?? []);
  if (rule !== undefined)
    throw new FetchFailure('robots_tag', `X-Robots-Tag: ${rule} (ARTEMIS_HONOR_ROBOTS_TAG)`);
}

/** The first rule for everybody, or for us, that forbids; null: none. A name holds until the next one, or the value's end. */
export function forbiddingRule(value: string, userAgent: string): string | null {
  const ours = userAgent.split(/[/\s]/, 1)[0]?.toLowerCase() ?? '';
  let isForUs = true;
  for (const part of value.toLowerCase().split(',')) {
    const [, name, named] = /^\s*([^:\s]+)\s*:(.*)$/.exec(part) ?? [];
    const isNamed = name !== undefined && !WITH_VALUE.test(name);
    if (isNamed) isForUs = name === ours || name === '*';
    const rule = (isNamed ? (named ?? '') : part).trim();
    if (isForUs && FORBIDDING.has(rule)) return rule;
  }
  return null;
}
