/** Describes a file that does not begin like an image. */
import { imageSignature } from './image-signature';

/** An image that begins within this number of bytes is found. */
const MAX_LEADING_BYTES = 64;

/** The number of bytes that a description shows. */
const SHOWN_BYTES = 60;

/** The first bytes of other kinds of files, in hex. */
const KINDS: readonly (readonly [string, string])[] = [
  ['1f8b', 'gzip'],
  ['504b0304', 'a ZIP archive'],
  ['1a45dfa3', 'a video (Matroska or WebM)'],
];

const TEXT_KINDS: readonly (readonly [RegExp, string])[] = [
  [/^[^]{4}ftyp/, 'a video (MP4)'],
  [/^data:image\//i, 'a data: URL'],
  [/^(\/9j\/|iVBORw0KGgo|R0lGOD|UklGR)/, 'an image in base64'],
];

/** Describes the file, for example as `a JPEG behind 2 bytes: begins with "··"`. */
export function describeNoImage(head: Buffer): string {
  const text = head.toString('latin1');
  const hex = head.toString('hex', 0, 4);
  const kind =
    KINDS.find(([begin]) => hex.startsWith(begin))?.[1] ??
    TEXT_KINDS.find(([pattern]) => pattern.test(text))?.[1] ??
    describeLeadingBytes(head);
  return `${kind === null ? '' : `${kind}: `}begins with ${quote(text)}`;
}

/**
 * Finds an image behind other bytes. Programs print line ends, a byte order mark or a warning
 * before it.
 */
function describeLeadingBytes(head: Buffer): string | null {
  for (let count = 1; count <= MAX_LEADING_BYTES && count < head.length; count += 1) {
    const signature = imageSignature(head.subarray(count));
    const isFound = signature?.kind === 'allowed' && !FALSE_FINDS.has(signature.format);
    if (isFound)
      return `a ${signature.format.toUpperCase()} behind ${count} ${count === 1 ? 'byte' : 'bytes'}`;
  }
  return null;
}

/**
 * Formats that are not searched for: their signatures are too short, or do not begin at the start
 * of the file (`ftyp`).
 */
const FALSE_FINDS: ReadonlySet<string> = new Set(['avif', 'tiff']);

function quote(text: string): string {
  return JSON.stringify(text.slice(0, SHOWN_BYTES).replace(/[^\x20-\x7e]+/g, '·'));
}
