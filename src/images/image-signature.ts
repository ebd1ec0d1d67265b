/** What a file is, told from its first bytes. */

/** Formats we keep. */
export type ImageFormat = 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff' | 'avif';

/** **Shape** a format we keep with its extension, a type we know and refuse, or null: no image. */
export type Signature =
  | { readonly kind: 'allowed'; readonly format: ImageFormat; readonly extension: string }
  | { readonly kind: 'refused'; readonly type: string }
  | null;

/** So many first bytes are enough for every signature. **Units** bytes. */
export const SIGNATURE_BYTES = 512;

const allowed = (format: ImageFormat, extension: string): Signature => ({
  kind: 'allowed',
  format,
  extension,
});
const refused = (type: string): Signature => ({ kind: 'refused', type });

/** **Source** the formats' own specifications: JPEG SOI, PNG signature, GIF header, RIFF/WEBP, TIFF byte order, ISO-BMFF brands. */
export function imageSignature(head: Uint8Array): Signature {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const text = bytes.toString('latin1', 0, 16);
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return allowed('jpeg', 'jpg');
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return allowed('png', 'png');
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return allowed('gif', 'gif');
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return allowed('webp', 'webp');
  if (text.startsWith('II*\0') || text.startsWith('MM\0*')) return allowed('tiff', 'tif');
  if (text.slice(4, 8) === 'ftyp') return brandSignature(bytes);
  return refusedSignature(bytes, text);
}

/** AVIF is one brand among many of the same container. */
function brandSignature(bytes: Buffer): Signature {
  const size = Math.min(bytes.readUInt32BE(0), bytes.length);
  const brands = bytes.toString('latin1', 8, Math.max(12, size));
  if (/avif|avis/.test(brands)) return allowed('avif', 'avif');
  if (/heic|heix|hevc|heim|heis|hevm|hevs|mif1|msf1/.test(brands)) return refused('heic');
  return null;
}

function refusedSignature(bytes: Buffer, text: string): Signature {
  if (text.startsWith('%PDF-')) return refused('pdf');
  if (text.startsWith('8BPS')) return refused('psd');
  if (text.startsWith('\0\0\0\x0cjP  \r\n\x87\n') || text.startsWith('\xff\x4f\xff\x51'))
    return refused('jp2');
  if (text.startsWith('\0\0\x01\0') || text.startsWith('\0\0\x02\0')) return refused('ico');
  // "BM" begins many a text: the header's reserved words and its size tell.
  if (text.startsWith('BM') && bytes.length >= 18 && bytes.readUInt32LE(6) === 0)
    return refused('bmp');
  const markup = bytes.toString('utf8').replace(/^\ufeff/, '');
  if (
    // Behind a DOCTYPE come entities, more of them than there are first bytes.
    /^\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*<(!DOCTYPE\s+)?svg[\s>[]/i.test(markup)
  )
    return refused('svg');
  return null;
}
