/** Recognises the type of a file by its first bytes. */

/** The formats that are stored. */
export type ImageFormat = 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff' | 'avif';

/**
 * A format that is stored, with its extension; a known type that is refused; or null if the file is
 * not an image.
 */
export type Signature =
  | { readonly kind: 'allowed'; readonly format: ImageFormat; readonly extension: string }
  | { readonly kind: 'refused'; readonly type: string }
  | null;

/** The number of first bytes that is enough for every signature. */
export const SIGNATURE_BYTES = 512;

const allowedFormat = (format: ImageFormat, extension: string): Signature => ({
  kind: 'allowed',
  format,
  extension,
});
const refusedType = (type: string): Signature => ({ kind: 'refused', type });

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
  return refusedSignature(bytes, text);
}

/** Recognises a format by the brands of its ISO-BMFF container, of which AVIF is one. */
function brandSignature(bytes: Buffer): Signature {
  const size = Math.min(bytes.readUInt32BE(0), bytes.length);
  const brands = bytes.toString('latin1', 8, Math.max(12, size));
  if (/avif|avis/.test(brands)) return allowedFormat('avif', 'avif');
  if (/heic|heix|hevc|heim|heis|hevm|hevs|mif1|msf1/.test(brands)) return refusedType('heic');
  return null;
}

function refusedSignature(bytes: Buffer, text: string): Signature {
  if (text.startsWith('%PDF-')) return refusedType('pdf');
  if (text.startsWith('8BPS')) return refusedType('psd');
  if (text.startsWith('\0\0\0\x0cjP  \r\n\x87\n') || text.startsWith('\xff\x4f\xff\x51'))
    return refusedType('jp2');
  if (text.startsWith('\xff\x0a') || text.startsWith('\0\0\0\x0cJXL \r\n\x87\n'))
    return refusedType('JPEG XL (jxl)');
  if (text.startsWith('\0\0\x01\0') || text.startsWith('\0\0\x02\0')) return refusedType('ico');
  // Many texts begin with "BM", so the reserved words and the size of the header are checked too.
  if (text.startsWith('BM') && bytes.length >= 18 && bytes.readUInt32LE(6) === 0)
    return refusedType('bmp');
  if (isSvg(bytes.toString('utf8'))) return refusedType('svg');
  return null;
}

/** Whether a text is an SVG. A page that contains an SVG is not one. */
function isSvg(text: string): boolean {
  // A comment ends at its first `-->`.
  const markup = text.replace(/^\ufeff/, '').replace(/<!--(?:(?!-->)[^])*-->/g, '');
  // A DOCTYPE may contain more entities than fit into the first bytes, so `svg` in it is enough.
  if (!/^\s*(<\?[^>]*>\s*)*<(!DOCTYPE\s+)?svg[\s>[]/i.test(markup)) return false;
  return /^\s*(<!--|$)/.test(afterFirstSvg(markup));
}

/**
 * The text after the first `svg` element, which may contain others; empty if the element does not
 * end.
 */
function afterFirstSvg(markup: string): string {
  let depth = 0;
  for (const tag of markup.matchAll(/<(\/?)svg\b[^>]*?(\/?)>/gi)) {
    const [whole, closes, isEmpty] = tag;
    if (isEmpty === '') depth += closes === '' ? 1 : -1;
    if (depth <= 0) return markup.slice(tag.index + whole.length);
  }
  return '';
}
