/** Recognises refusals that are temporary by their own words, such as an exceeded quota. */
import { visibleTextOf, titleOf } from './body-text';

/**
 * Words that servers use for a limit on requests or traffic, and for a pause.
 *
 * @see Google Drive's page "Quota exceeded"; Dropbox, "generating too much traffic"; Backblaze B2,
 *   "cap exceeded"; GitHub, "rate limit exceeded", "over its data quota"; WordPress, "Briefly
 *   unavailable for scheduled maintenance"; Wikimedia, "too many requests".
 */
const PASSES = new RegExp(
  [
    String.raw`\b(quota|cap|(rate|request|bandwidth|traffic|transfer|download|usage|daily|hourly|monthly)s? ?(limit|quota|cap)) (has been |was |is )?(exceeded|reached)`,
    String.raw`\b(exceeded|over|reached) (the|your|its|a|our)( [a-z]+){0,2} (rate limit|quota|bandwidth|request limit|download limit)\b`,
    String.raw`\btoo (many (requests|connections|downloads|users|people)|much traffic)\b`,
    String.raw`\b(try|retry|come|check|visit|be)\b[^.!?]{0,40}\b(again|back) (later|soon|shortly|in (a|an|\d+|some|few)\b)`,
    String.raw`\b(slow down|reduce your request rate|server is (too )?busy|over capacity)\b`,
    String.raw`\b(down|unavailable|closed) for( [a-z]+)? maintenance\b|\bunder maintenance\b|\bmaintenance mode\b`,
    String.raw`\b(service|site|server|website) is (temporarily|briefly) (unavailable|down|overloaded)\b`,
  ].join('|'),
  'i',
);

/**
 * Codes in JSON and XML that Google's APIs and object stores send with 403, where others answer
 * with 429.
 */
const CODE =
  /"(?:reason|code|error)"\s*:\s*"(\w*(?:rate|daily|user|request|download|usage|bandwidth)?\w*(?:limit|quota|cap)_?exceeded\w*|slowdown|throttl\w+|too_?many_?requests)"|<Code>\s*(SlowDown|ServerBusy|\w*(?:Limit|Quota|Cap)Exceeded|Throttl\w+|TooManyRequests)\s*<\/Code>/i;

/** A longer page has these words somewhere else too, for example in the text of a form. */
const MOST_TEXT_CHARACTERS = 1_000;

/** Whether a text says that a later request may be answered otherwise. */
export function saysThatItPasses(page: string): boolean {
  if (CODE.test(page) || PASSES.test(titleOf(page) ?? '')) return true;
  const text = visibleTextOf(page);
  return text.length <= MOST_TEXT_CHARACTERS && PASSES.test(text);
}
