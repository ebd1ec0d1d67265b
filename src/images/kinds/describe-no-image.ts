/** Describes a file that does not begin like an image. */
import { imageSignature } from '../image-signature';

/** An image that begins within this number of bytes is found. Warnings of PHP are long. */
const MAX_LEADING_BYTES = 4_096;

/** The number of bytes that a description shows. */
const SHOWN_BYTES = 60;

/** The first bytes of other kinds of files, in hex. */
const KINDS: readonly (readonly [string, string])[] = [
  ['1f8b', 'gzip'],
  ['504b0304', 'a ZIP archive'],
  ['1a45dfa3', 'a video (Matroska or WebM)'],
  ['89504e470a1a0a', 'a PNG whose line ends were converted'],
  ['89504e470d0d0a', 'a PNG whose line ends were converted'],
  ['464c5601', 'a video (FLV)'],
  ['3026b2758e66cf11', 'a video or sound (Windows Media)'],
  ['000001ba', 'a video (MPEG)'],
  ['000001b3', 'a video (MPEG)'],
  ['435753', 'Flash (SWF)'],
  ['465753', 'Flash (SWF)'],
  ['664c6143', 'sound (FLAC)'],
  ['494433', 'sound (MP3)'],
  ['526172211a07', 'a RAR archive'],
  ['377abcaf271c', 'a 7z archive'],
  ['425a68', 'bzip2'],
  ['fd377a585a00', 'xz'],
  ['28b52ffd', 'zstd'],
  ['d0cf11e0a1b11ae1', 'a document of Microsoft Office, or a Thumbs.db'],
];

const PHP_MESSAGE =
  /^\s*(<br \/>\s*<b>(fatal error|parse error|warning|notice|deprecated)<\/b>:|PHP (fatal error|parse error|warning|notice|deprecated):)/i;

const TEXT_KINDS: readonly (readonly [RegExp, string])[] = [
  [/^[^]{4}ftyp/, 'a video (MP4)'],
  [/^[^]{4}(moov|mdat|wide|skip|pnot)/, 'a video (QuickTime)'],
  [/^\s*https?:\/\/[^\s<>"]+\s*$/i, 'the address of another file'],
  [/^["\s]*data:image\//i, 'a data: URL'],
  [/^["\s]*(\/9j\/|iVBORw0KGgo|R0lGOD|UklGR)/, 'an image in base64'],
  [/^\s*\{[^]{0,200}"(data:image\/|\/9j\/|iVBORw0KGgo)/, 'an image in base64, in JSON'],
  [/^["\s]*(0x|\\x)?(ffd8ff|89504e470d0a1a0a)/i, 'an image in hexadecimal digits'],
  [/^b['"]\\x(ff\\xd8|89PNG)/, 'bytes as Python prints them'],
  [
    /^[\da-f]{1,8}\r\n(\xff\xd8\xff|\x89PNG)/i,
    'chunks inside the body, of a coding that was not announced',
  ],
  [/^version https:\/\/git-lfs\.github\.com\//, 'a pointer of Git LFS'],
  [/^<\?php\b/i, 'the source of a PHP program'],
  [/^%!PS-/, 'PostScript'],
  [/^\0+$/, 'zeros'],
  [/^\xc3\xbf\xc3\x98\xc3\xbf/, 'a JPEG that was converted from Latin-1 to UTF-8'],
  [/^\xc2\x89PNG\r\n/, 'a PNG that was converted from Latin-1 to UTF-8'],
  [/^(\xef\xbf\xbd){2}/, 'binary data that were read as text (U+FFFD instead of bytes)'],
  [/^RIFF[^]{4}AVI /, 'a video (AVI)'],
  [/^OggS\0/, 'a video or sound (Ogg)'],
  [/^RIFF[^]{4}WAVE/, 'sound (WAV)'],
];

/** Describes the file, for example as `a JPEG behind 2 bytes: begins with "··"`. */
export function describeNoImage(head: Buffer): string {
  const text = head.toString('latin1');
  const hex = head.toString('hex', 0, 8);
  const kind =
    KINDS.find(([begin]) => hex.startsWith(begin))?.[1] ??
    TEXT_KINDS.find(([pattern]) => pattern.test(text))?.[1] ??
    describeLeadingBytes(text) ??
    (PHP_MESSAGE.test(text) ? 'a message of PHP' : null);
  return `${kind === null ? '' : `${kind}: `}begins with ${quote(text)}`;
}

/**
 * Finds an image behind other bytes. Programs print line ends, a byte order mark or a warning
 * before it.
 */
function describeLeadingBytes(text: string): string | null {
  const found = IMAGE_WITHIN.exec(text.slice(0, MAX_LEADING_BYTES + LONGEST_SIGNATURE));
  if (found === null) return null;
  const { index: count } = found;
  const begin = text.slice(count, count + LONGEST_SIGNATURE);
  const format = imageSignature(Buffer.from(begin, 'latin1'));
  if (format?.kind !== 'allowed') return null;
  return `a ${format.format.toUpperCase()} behind ${count} ${count === 1 ? 'byte' : 'bytes'}`;
}

/**
 * The signatures of JPEG, PNG, GIF and WebP. Those of TIFF and AVIF are too short, or do not begin
 * at the start of the file.
 */
const IMAGE_WITHIN = /\xff\xd8\xff|\x89PNG\r\n|GIF8[79]a|RIFF[^]{4}WEBP/;
const LONGEST_SIGNATURE = 12;

function quote(text: string): string {
  return JSON.stringify(text.slice(0, SHOWN_BYTES).replace(/[^\x20-\x7e]+/g, '·'));
}
