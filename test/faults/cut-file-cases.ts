/**
 * Sections I1, I6, I7 and I9: GIF, WebP, TIFF, AVIF and PNG that are cut or unended, and markup
 * with SVG.
 */
import { fails, stored, TWICE_DAMAGED, type Expected, type FaultCase } from './fault-case';
import { image, text, type Body } from './file-served-whole';

const upTo =
  (share: number) =>
  (bytes: Buffer): Buffer =>
    bytes.subarray(0, Math.floor(bytes.length * share));
const half = upTo(0.5);
const most = upTo(0.9);

const cut = (what: string, body: Body, expected: Expected = TWICE_DAMAGED): FaultCase =>
  image('I1', what, body, expected);

const VALID_JPEG = stored({ format: 'jpeg', verdict: 'valid', detail: null });

/** Its segment of Adobe says that the colours are YCCK. */
const ycck: Body = ({ cmyk }) => {
  const copy = Buffer.from(cmyk);
  copy.writeUInt8(2, copy.indexOf('Adobe') + 11);
  return copy;
};

const files: readonly FaultCase[] = [
  cut('half a GIF', ({ gif }) => half(gif)),
  cut('nine tenths of a GIF', ({ gif }) => most(gif)),
  cut(
    'a GIF without its trailer',
    ({ gif }) => gif.subarray(0, -1),
    stored({ format: 'gif', verdict: 'suspect', detail: 'no trailer' }),
  ),
  cut('half a WebP', ({ webp }) => half(webp)),
  cut('nine tenths of a WebP', ({ webp }) => most(webp)),
  cut('half a lossless WebP', ({ webpLossless }) => half(webpLossless)),
  cut('half a TIFF', ({ tiff }) => half(tiff)),
  cut('nine tenths of a TIFF', ({ tiff }) => most(tiff)),
  cut('half a BigTIFF', ({ bigTiff }) => half(bigTiff)),
  cut('half an AVIF', ({ avif }) => half(avif)),
  cut('nine tenths of an AVIF', ({ avif }) => most(avif)),
  cut('half an animated GIF', ({ animatedGif }) => half(animatedGif)),
  cut(
    'an animated GIF without its trailer',
    ({ animatedGif }) => animatedGif.subarray(0, -1),
    stored({ format: 'gif', verdict: 'suspect', detail: 'no trailer' }),
  ),
  cut('half an animated WebP', ({ animatedWebp }) => half(animatedWebp)),
  cut('a third of a progressive JPEG', ({ progressive }) => upTo(0.33)(progressive)),
  cut('half a CMYK JPEG', ({ cmyk }) => half(cmyk)),
  cut('a CMYK JPEG without its last three bytes', ({ cmyk }) => cmyk.subarray(0, -3)),
  cut(
    'a CMYK JPEG without EOI',
    ({ cmyk }) => cmyk.subarray(0, -2),
    stored({ format: 'jpeg', verdict: 'suspect', detail: 'no EOI, every pixel is there' }),
  ),
  cut('a CMYK JPEG with a colour transform, as Photoshop has it', ycck, VALID_JPEG),
  cut(
    'a CMYK JPEG with a colour transform, without EOI',
    (images) => ycck(images).subarray(0, -2),
    stored({ format: 'jpeg', verdict: 'suspect', detail: 'no EOI, every pixel is there' }),
  ),
  cut('a PNG’s signature', ({ png }) => png.subarray(0, 8)),
  cut('a JPEG’s signature', ({ jpeg }) => jpeg.subarray(0, 3)),
];

const wholeFiles: readonly FaultCase[] = [
  image('I7', 'a GIF', ({ gif }) => gif, stored({ format: 'gif', verdict: 'valid' })),
  image('I7', 'a WebP', ({ webp }) => webp, stored({ format: 'webp', verdict: 'valid' })),
  image('I7', 'an AVIF', ({ avif }) => avif, stored({ format: 'avif', verdict: 'valid' })),
  image(
    'I7',
    'a lossless WebP',
    ({ webpLossless }) => webpLossless,
    stored({ format: 'webp', verdict: 'valid' }),
  ),
  image('I7', 'a TIFF', ({ tiff }) => tiff, stored({ format: 'tiff', verdict: 'valid' })),
  image(
    'I3',
    'bytes behind a GIF',
    ({ gif }) => Buffer.concat([gif, Buffer.from('more')]),
    stored({ format: 'gif' }),
  ),
  image(
    'I3',
    'bytes behind a WebP',
    ({ webp }) => Buffer.concat([webp, Buffer.alloc(64)]),
    stored({ format: 'webp' }),
  ),
];

const svg = '<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>';

const markup: readonly FaultCase[] = [
  image(
    'I9',
    'an XHTML page with an SVG',
    text(
      `<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x.dtd">\n<html xmlns="http://www.w3.org/1999/xhtml"><body>${svg}</body></html>`,
    ),
    fails('not_an_image'),
  ),
  image(
    'I9',
    'an SVG behind a byte order mark',
    text(`\xef\xbb\xbf${svg}`),
    fails('type_not_allowed'),
  ),
  image(
    'I9',
    'an SVG behind a comment and a document type',
    text(
      `<?xml version="1.0"?><!-- Made by hand --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd">${svg}`,
    ),
    fails('type_not_allowed'),
  ),
  image(
    'I9',
    'an SVG with a prefix',
    text('<svg:svg xmlns:svg="http://www.w3.org/2000/svg"/>'),
    fails('type_not_allowed'),
  ),
  image(
    'I9',
    'a page with a prefix that begins with an SVG',
    text('<x:svg xmlns:x="http://www.w3.org/2000/svg"/><p>Gone</p>'),
    fails('not_an_image'),
  ),
  image('I9', 'JSON with an SVG', text(`{"icon":"${svg}"}`), fails('not_an_image')),
  image(
    'I9',
    'XML without an SVG',
    text('<?xml version="1.0"?><rss><channel/></rss>'),
    fails('not_an_image'),
  ),
];

export const cutFileCases: readonly FaultCase[] = [...files, ...wholeFiles, ...markup];
