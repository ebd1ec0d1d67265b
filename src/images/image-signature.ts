/** Recognises the type of a file by its first bytes. */
import type { OpaqueKind } from '../contract/run-input';

/** The formats that are decoded. */
export type ImageFormat = 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff' | 'avif';

/**
 * A format that is decoded, with its extension; a known kind that is not; or null if the file is no
 * image.
 */
export type Signature =
  | { readonly kind: 'allowed'; readonly format: ImageFormat; readonly extension: string }
  | { readonly kind: 'opaque'; readonly type: OpaqueKind }
  | null;

/** The number of first bytes that is enough for every signature. */
export const SIGNATURE_BYTES = 512;

const allowedFormat = (format: ImageFormat, extension: string): Signature => ({
  kind: 'allowed',
  format,
  extension,
});
const opaqueKind = (type: OpaqueKind): Signature => ({ kind: 'opaque', type });

/**
 * Recognises the signature by the formats' own specifications: JPEG SOI, PNG signature, GIF header,
 * RIFF/WEBP, TIFF byte order, ISO-BMFF brands.
 */
export function imageSignature(head: Uint8Array): Signature {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const text = bytes.toString('latin1', 0, 16);
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff)
    return allowedFormat('jpeg', 'jpg');
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return allowedFormat('png', 'png');
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return allowedFormat('gif', 'gif');
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return allowedFormat('webp', 'webp');
  // BigTIFF has the same byte orders and another version.
  if (/^(II[*+]\0|MM\0[*+])/.test(text)) return allowedFormat('tiff', 'tif');
  if (text.slice(4, 8) === 'ftyp') return brandSignature(bytes);
  return opaqueSignature(bytes, text);
}

/** What the formats that are decoded begin with; `?` stands for any byte. */
const BEGINNINGS = [
  '\xff\xd8\xff',
  '\x89PNG\r\n\x1a\n',
  'GIF87a',
  'GIF89a',
  'RIFF????WEBP',
  'II*\0',
  'MM\0*',
];

/** Whether a whole file of two bytes or more is the beginning of a signature. */
export function isCutSignature(file: Buffer): boolean {
  const text = file.toString('latin1');
  return (
    text.length >= 2 &&
    BEGINNINGS.some(
      (beginning) =>
        text.length < beginning.length &&
        Array.from(text).every(
          (byte, index) => beginning[index] === '?' || beginning[index] === byte,
        ),
    )
  );
}

/**
 * The brands of HEIF with any codec but AV1.
 *
 * @see ISO/IEC 23008-12, section 10 and its annexes on codecs.
 */
const HEIF_BRANDS =
  /heic|heix|heim|heis|hevc|hevx|hevm|hevs|mif1|mif2|miaf|msf1|avci|avcs|vvic|vvis|evbi|jpeg|jpgs|j2ki|j2is/;

/** Recognises a format by the brands of its ISO-BMFF container, of which AVIF is one. */
function brandSignature(bytes: Buffer): Signature {
  const size = Math.min(bytes.readUInt32BE(0), bytes.length);
  const brands = bytes.toString('latin1', 8, Math.max(12, size));
  if (/avif|avis/.test(brands)) return allowedFormat('avif', 'avif');
  if (HEIF_BRANDS.test(brands)) return opaqueKind('heic');
  return null;
}

function opaqueSignature(bytes: Buffer, text: string): Signature {
  if (text.startsWith('%PDF-')) return opaqueKind('pdf');
  if (text.startsWith('8BPS')) return opaqueKind('psd');
  if (text.startsWith('\0\0\0\x0cjP  \r\n\x87\n') || text.startsWith('\xff\x4f\xff\x51'))
    return opaqueKind('jp2');
  if (text.startsWith('\xff\x0a') || text.startsWith('\0\0\0\x0cJXL \r\n\x87\n'))
    return opaqueKind('jxl');
  if (isIcoHeader(bytes)) return opaqueKind('ico');
  if (text.startsWith('BM') && bytes.length >= 18 && isBmpHeader(bytes)) return opaqueKind('bmp');
  if (isSvg(bytes.toString('utf8'))) return opaqueKind('svg');
  return null;
}

/** A TGA may begin with the same four bytes, but not with a number of images after them. */
function isIcoHeader(bytes: Buffer): boolean {
  return /^0000(01|02)00(?!0000)/.test(bytes.toString('hex', 0, 6));
}

/** The sizes in bytes of a BMP's second header, by its versions and those of OS/2. */
const BMP_HEADER_BYTES = [12, 16, 40, 52, 56, 64, 108, 124];

/** Many texts begin with "BM" too. The reserved words are zero in most files, but need not be. */
function isBmpHeader(bytes: Buffer): boolean {
  return bytes.readUInt32LE(6) === 0 || BMP_HEADER_BYTES.includes(bytes.readUInt32LE(14));
}

/** Whether a text is an SVG. A page that contains an SVG is not one. */
function isSvg(text: string): boolean {
  // A comment ends at its first `-->`.
  const markup = text.replace(/^\ufeff/, '').replace(/<!--(?:(?!-->)[^])*-->/g, '');
  // A DOCTYPE may contain more entities than fit into the first bytes, so `svg` in it is enough.
  if (!/^\s*(<\?[^>]*>\s*)*<(!DOCTYPE\s+)?([\w-]+:)?svg[\s>[/]/i.test(markup)) return false;
  return /^\s*(<!--|$)/.test(afterFirstSvg(markup));
}

/**
 * The text after the first `svg` element, which may contain others; empty if the element does not
 * end.
 */
function afterFirstSvg(markup: string): string {
  let depth = 0;
  for (const tag of markup.matchAll(/<(\/?)(?:[\w-]+:)?svg\b[^>]*?(\/?)>/gi)) {
    const [whole, closes, isEmpty] = tag;
    if (isEmpty === '') depth += closes === '' ? 1 : -1;
    if (depth <= 0) return markup.slice(tag.index + whole.length);
  }
  return '';
}
