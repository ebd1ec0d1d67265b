/**
 * Extracts the text that states the reason from the body of an error: a title, a JSON message, or
 * the beginning of the body.
 */

/** A body with a larger share of unprintable characters is not text. */
const MAX_UNPRINTABLE_SHARE = 0.05;

/**
 * @param text the body, or its beginning.
 * @returns one line without markup and control characters; null if it is empty or no text.
 */
export function reasonInBody(text: string): string | null {
  const unprintable = text.match(/[^\P{Cc}\t\n\f\r]|\ufffd|\p{Co}/gu)?.length ?? 0;
  if (unprintable > 1 + text.length * MAX_UNPRINTABLE_SHARE) return null;
  const reason = jsonMessage(text) ?? pageText(text);
  return reason === '' ? null : reason;
}

/** Keys under which JSON has a message, the most informative first. */
const MESSAGE_KEYS = [
  'message',
  'error_description',
  'error_message',
  'errormessage',
  'detail',
  'description',
  'reason',
  'msg',
  'title',
  'error',
  'errors',
  'data',
];

/** The title of a page; null without one. */
export function titleOf(page: string): string | null {
  const [, markup = ''] = /<title\b[^>]*>([^<]*)/i.exec(page) ?? [];
  const title = withoutMarkup(markup);
  return title === '' ? null : title;
}

/** The message in JSON or XML that came instead of an image; null without one. */
export function messageIn(text: string): string | null {
  const [, markup = ''] = XML_MESSAGE.exec(text) ?? [];
  const message = jsonMessage(text) ?? storeMessage(text) ?? withoutMarkup(markup);
  return message === '' ? null : message;
}

/** Object stores write Message, servers of maps ServiceException, and SOAP faultstring. */
const XML_MESSAGE = /^\s*<[^]*<(?:message|serviceexception|faultstring)\b[^>]*>([^<]*)</i;

/**
 * Azure and Google Cloud Storage say here what their message does not: which time limit was over,
 * which right is missing.
 */
const XML_DETAIL = /<(?:authenticationerrordetail|details)>([^<]+)<\//i;

/** The message of an object store, of which a detail is more than all but its first sentence. */
function storeMessage(text: string): string | null {
  const [, message] = /<message>([^<]*)<\/message>/i.exec(text) ?? [];
  if (message === undefined || message.trim() === '') return null;
  const [, detail] = XML_DETAIL.exec(text) ?? [];
  const whole = withoutMarkup(message);
  return detail === undefined
    ? whole
    : `${whole.replace(/(?<=\.)\s.*$/, '')} ${withoutMarkup(detail)}`;
}

/** The depth down to which a message is searched for. */
const MAX_DEPTH = 4;

function jsonMessage(text: string): string | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    const message = findMessage(JSON.parse(text), MAX_DEPTH);
    return message === null ? null : withoutMarkup(message);
  } catch {
    // The end is missing, or the text is not JSON.
    const [, found] =
      /"(?:message|error_description|detail)"\s*:\s*("(?:[^"\\]|\\.)*")/i.exec(text) ?? [];
    return found === undefined ? null : withoutMarkup(parseString(found));
  }
}

function parseString(literal: string): string {
  try {
    return String(JSON.parse(literal));
  } catch {
    return literal;
  }
}

function findMessage(value: unknown, depth: number): string | null {
  if (typeof value !== 'object' || value === null || depth === 0) return null;
  if (Array.isArray(value)) return messageOrText(value[0], depth - 1);
  const entries = new Map(Object.entries(value).map(([key, one]) => [key.toLowerCase(), one]));
  for (const key of MESSAGE_KEYS) {
    const found = messageOrText(entries.get(key), depth - 1);
    if (found !== null) return found;
  }
  return null;
}

function messageOrText(value: unknown, depth: number): string | null {
  if (typeof value !== 'string') return findMessage(value, depth);
  return value.trim() === '' ? null : value;
}

/** Titles that say little more than the status. The rest of the page may say more. */
const VAGUE_TITLE =
  /^(\d{3}\b.{0,40}|.{0,40}\berror\b.{0,60}|http status \d{3}\b.{0,40}|sorry|(service |temporarily )?unavailable|(access )?(denied|forbidden)|bad request|not found|document moved)\W*$/i;

function pageText(text: string): string {
  const message = storeMessage(text);
  if (message !== null) return message;
  const title = titleOf(text) ?? '';
  if (title !== '' && !VAGUE_TITLE.test(title)) return title;
  const body = visibleTextOf(text);
  const more = body.toLowerCase().startsWith(title.toLowerCase()) ? body.slice(title.length) : body;
  return [title, more.trim()].filter((part) => part !== '').join(': ');
}

/** The text of a page, without its title. */
export function visibleTextOf(page: string): string {
  return withoutMarkup(page.replace(/<title\b[^>]*>[^<]*/i, ' '));
}

/**
 * Removes scripts, styles, comments and tags, then characters that are not printed. An element that
 * does not end takes the rest with it.
 */
function withoutMarkup(markup: string): string {
  const text = markup
    .replace(/<(script|style|template|svg|noscript)\b[^]*?(<\/\1\s*>|$)/gi, ' ')
    .replace(/<!--[^]*?(-->|$)/g, ' ')
    .replace(TAG, ' ');
  return decodeEntities(text)
    .replace(TAG, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
}

const TAG = /<[a-z/!?][^>]*(>|$)/gi;

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  gt: '>',
  lt: '<',
  nbsp: ' ',
  quot: '"',
};

function decodeEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{2,6}));/gi, (whole, ...groups) => {
    const [hex, decimal, name] = groups as (string | undefined)[];
    if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
    const point = hex === undefined ? Number(decimal) : parseInt(hex, 16);
    return point <= 0x10ffff && (point < 0xd800 || point > 0xdfff)
      ? String.fromCodePoint(point)
      : ' ';
  });
}
