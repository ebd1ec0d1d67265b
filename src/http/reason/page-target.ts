/**
 * Finds where a page redirects its readers by a refresh or a script. Such redirects are not
 * followed.
 */
import { visibleTextOf } from './body-text';

const REFRESH =
  /<meta\b(?=[^>]*\bhttp-equiv\s*=\s*["']?refresh\b)[^>]*\bcontent\s*=\s*(?:"\s*[\d.]+\s*[;,]\s*(?:url\s*=\s*)?'?([^"']+)|'\s*[\d.]+\s*[;,]\s*(?:url\s*=\s*)?"?([^"']+))/i;

const SCRIPT =
  /\blocation(?:\.href)?\s*=\s*(?:"([^"\s]+)"|'([^'\s]+)')|\blocation\.(?:replace|assign)\(\s*(?:"([^"\s]+)"|'([^'\s]+)')/;

/** In a page with more text, scripts lead elsewhere when something is clicked. */
const MOST_TEXT_CHARACTERS = 200;

const MOST_CHARACTERS = 200;

/** The address without its query, which may have secrets; null where the page stays. */
export function targetOfPage(page: string): string | null {
  const found = REFRESH.exec(page) ?? (isShort(page) ? SCRIPT.exec(page) : null);
  const groups: readonly (string | undefined)[] = found?.slice(1) ?? [];
  const target = groups.find((group) => group !== undefined);
  const address = target?.trim().replace(/[?#].*$/s, '') ?? '';
  return address === '' ? null : address.slice(0, MOST_CHARACTERS);
}

function isShort(page: string): boolean {
  return visibleTextOf(page).length <= MOST_TEXT_CHARACTERS;
}
