/**
 * Guesses in which encoding of East Asia a text is that is not UTF-8. The bytes of almost any text
 * are valid in several of these encodings, so the characters decide: kana, Hangul, or how Chinese
 * ones are written. Other texts are most often windows-1252.
 */
import { isUtf8 } from 'node:buffer';
import { byteDecoder } from '../text/byte-decoder';

/** What most texts are that are not UTF-8. */
const OTHERWISE = 'windows-1252';

/** The least share of adjacent bytes beyond ASCII: letters with accents usually stand alone. */
const LEAST_ADJACENT = 0.5;

/** Characters of Japanese; not the narrow kana, as which text in other encodings is decoded. */
const JAPANESE = /[\u3000-\u30ff\u4e00-\u9fff\uff01-\uff60]/g;
const KANA = /[\u3041-\u30ff]/g;
const HANGUL = /[\uac00-\ud7a3]/g;
const NOT_ASCII = /[^\0-\x7f]/g;

/** @param head the beginning of the file; a line that is cut off at its end is left out. */
export function guessEncoding(head: Buffer): string {
  const lines = head.subarray(0, head.lastIndexOf(0x0a) + 1);
  const bytes = lines.length > 0 ? lines : head;
  // The bytes that are not UTF-8 come later, if there are any.
  if (isUtf8(bytes) || shareOfAdjacent(bytes) < LEAST_ADJACENT) return OTHERWISE;
  for (const encoding of ['shift_jis', 'euc-jp']) {
    const text = decoded(bytes, encoding);
    if (text !== null && share(text, JAPANESE) > 0.95 && share(text, KANA) > 0.1) return encoding;
  }
  const korean = decoded(bytes, 'euc-kr');
  if (korean !== null && share(korean, HANGUL) > 0.85) return 'euc-kr';
  // Of simplified characters both bytes are beyond ASCII; of traditional ones often only the first.
  const isTraditional = shareOfAsciiTrails(bytes) > 0.1;
  const chinese = isTraditional ? 'big5' : 'gb18030';
  return decoded(bytes, chinese) === null ? OTHERWISE : chinese;
}

/** Null when the bytes are not valid in the encoding. */
function decoded(bytes: Buffer, encoding: string): string | null {
  try {
    return byteDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    // Not this encoding.
    return null;
  }
}

/** The share of the characters beyond ASCII that match. */
function share(text: string, pattern: RegExp): number {
  const all = text.match(NOT_ASCII)?.length ?? 0;
  return all === 0 ? 0 : (text.match(pattern)?.length ?? 0) / all;
}

/** The share of the bytes beyond ASCII that follow or precede another one. */
function shareOfAdjacent(bytes: Buffer): number {
  const runs = bytes.toString('latin1').match(/[\x80-\xff]+/g) ?? [];
  const length = runs.reduce((sum, run) => sum + run.length, 0);
  const adjacent = runs.reduce((sum, run) => sum + (run.length > 1 ? run.length : 0), 0);
  return length === 0 ? 0 : adjacent / length;
}

/** The share of characters of two bytes whose second byte is ASCII. */
function shareOfAsciiTrails(bytes: Buffer): number {
  const pairs = bytes.toString('latin1').match(/[\x81-\xfe][\x40-\xfe]/g) ?? [];
  const trails = pairs.filter((pair) => pair.charCodeAt(1) < 0x80).length;
  return pairs.length === 0 ? 0 : trails / pairs.length;
}
