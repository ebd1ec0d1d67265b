/** Says what a file is that begins like no image. */
import { imageSignature } from './image-signature';

/** An image this far from the beginning is found. */
const MAX_LEADING_BYTES = 64;

/** How much of the file is shown. */
const SHOWN_BYTES = 60;

/** How files of other kinds begin, in hex. */
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

/** For example `a JPEG behind 2 bytes: begins with "··"`. */
export function describeNoImage(head: Buffer): string {
  const text = head.toString('latin1');
  const hex = head.toString('hex', 0, 4);
  const kind =
    KINDS.find(([begin]) => hex.startsWith(begin))?.[1] ??
    TEXT_KINDS.find(([pattern]) => pattern.test(text))?.[1] ??
    describeLeadingBytes(head);
  return `${kind === null ? '' : `${kind}: `}begins with ${quote(text)}`;
}

/** Programs print line ends, a byte order mark or a warning before the image. */
function describeLeadingBytes(head: Buffer): string | null {
  for (let count = 1; count <= MAX_LEADING_BYTES && count < head.length; count += 1) {
    const signature = imageSignature(head.subarray(count));
    const isFound = signature?.kind === 'allowed' && !FALSE_FINDS.has(signature.format);
    if (isFound)
      return `a ${signature.format.toUpperCase()} behind ${count} ${count === 1 ? 'byte' : 'bytes'}`;
  }
  return null;
}

/** Their signatures are too short, or inside of other formats (`ftyp`). */
const FALSE_FINDS: ReadonlySet<string> = new Set(['avif', 'tiff']);

function quote(text: string): string {
  return JSON.stringify(text.slice(0, SHOWN_BYTES).replace(/[^\x20-\x7e]+/g, '·'));
}
