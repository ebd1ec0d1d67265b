/** Section I: bodies that arrived whole, with various contents. */
import { PNG_SIGNATURE, pngChunk } from '../helpers/images/png';
import { fails, stored, TWICE_DAMAGED, type Expected, type FaultCase } from './fault-case';
import { image, text } from './file-served-whole';

const half = (bytes: Buffer): Buffer => bytes.subarray(0, Math.floor(bytes.length / 2));
const flipped = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 0x55, at);
  return copy;
};

const withStray = (bytes: Buffer, at: number): Buffer =>
  Buffer.concat([bytes.subarray(0, at), Buffer.from('stray'), bytes.subarray(at)]);

const END = Buffer.from([0xff, 0xd9]);
const notKept = fails('type_not_allowed');
const valid = (format: string, facts: Partial<Expected> = {}): Expected =>
  stored({ format, verdict: 'valid', detail: null, ...facts });

const animated = (format: string, frames: number): Expected =>
  valid(format, { detail: `${frames} frames, the first decoded` });

/** Expands to a billion words in a parser that resolves entities. */
const LAUGHS = `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a0 "ha">${Array.from(
  { length: 30 },
  (_, n) => `<!ENTITY a${n + 1} "&a${n};&a${n};">`,
).join('')}]><svg xmlns="http://www.w3.org/2000/svg"><text>&a30;</text></svg>`;

/** A PNG with a width of zero that is whole otherwise. */
const zeroWidth = Buffer.concat([
  PNG_SIGNATURE,
  pngChunk('IHDR', Buffer.from([0, 0, 0, 0, 0, 0, 0, 9, 8, 2, 0, 0, 0])),
  pngChunk('IDAT', Buffer.alloc(0)),
  pngChunk('IEND', Buffer.alloc(0)),
]);

export const imageCases: readonly FaultCase[] = [
  image('I1', 'half a JPEG', ({ jpeg }) => half(jpeg), TWICE_DAMAGED),
  image('I1', 'a JPEG’s first 100 bytes', ({ jpeg }) => jpeg.subarray(0, 100), TWICE_DAMAGED),
  image('I1', 'half a progressive JPEG', ({ progressive }) => half(progressive), TWICE_DAMAGED),
  image(
    'I1',
    'a JPEG’s header, noise, and an end',
    ({ jpeg }) => Buffer.concat([jpeg.subarray(0, 200), Buffer.alloc(500, 7), END]),
    fails('corrupt'),
  ),
  image(
    'I2',
    'stray bytes before a marker',
    ({ jpeg }) => withStray(jpeg, 4 + jpeg.readUInt16BE(4)),
    stored({ format: 'jpeg', verdict: 'suspect' }),
  ),
  image(
    'I3',
    'a ZIP behind a JPEG',
    ({ jpeg }) => Buffer.concat([jpeg, Buffer.from('PK\x03\x04more')]),
    stored({ format: 'jpeg', verdict: 'valid', detail: 'trailing_bytes' }),
  ),
  image(
    'I3',
    'bytes behind a PNG',
    ({ png }) => Buffer.concat([png, Buffer.from('more')]),
    stored({ format: 'png', verdict: 'valid', detail: 'trailing_bytes' }),
  ),
  image('I4', 'half a PNG', ({ png }) => half(png), TWICE_DAMAGED),
  image('I4', 'a wrong CRC in IDAT', ({ png }) => flipped(png, png.length - 20), fails('corrupt')),
  image('I4', 'a wrong CRC in IHDR', ({ png }) => flipped(png, 20), fails('corrupt')),
  image(
    'I7',
    'a deflated TIFF with another byte',
    ({ bigTiff }) => flipped(bigTiff, 2_000),
    stored({ format: 'tiff', verdict: 'suspect', detail: 'incorrect data check' }),
  ),
  image('I5', '256 megapixels', ({ pixels256 }) => pixels256, fails('too_many_pixels')),
  image('I5', '900 megapixels', ({ pixels900 }) => pixels900, fails('too_many_pixels')),
  image('I6', 'a PNG of no width', () => zeroWidth, fails('corrupt')),
  image(
    'I6',
    'a GIF without frames',
    text('GIF89a\x05\x00\x05\x00\x00\x00\x00;'),
    fails('corrupt'),
  ),
  image('I7', 'a CMYK JPEG', ({ cmyk }) => cmyk, valid('jpeg')),
  image('I7', 'a JPEG with a colour profile', ({ profile }) => profile, valid('jpeg')),
  image('I7', 'a PNG of 16 bits', ({ deep }) => deep, valid('png')),
  image('I7', 'a PNG of one bit', ({ oneBit }) => oneBit, valid('png')),
  image('I8', 'an animated GIF', ({ animatedGif }) => animatedGif, animated('gif', 12)),
  image('I8', 'an animated WebP', ({ animatedWebp }) => animatedWebp, animated('webp', 12)),
  image('I8', 'a GIF of 10,000 frames', ({ manyFrames }) => manyFrames, animated('gif', 10_000)),
  image(
    'I8',
    'a GIF of 10,000 frames of 65,535 × 65,535 behind a small one',
    ({ hugeFrames }) => hugeFrames,
    animated('gif', 10_001),
  ),
  image(
    'I8',
    'a WebP of 10,000 frames',
    ({ manyFramesWebp }) => manyFramesWebp,
    animated('webp', 10_000),
  ),
  image(
    'I9',
    'an SVG with a script',
    text('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'),
    notKept,
  ),
  image(
    'I9',
    'an SVG that reads files',
    text('<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>'),
    notKept,
  ),
  image('I9', 'an SVG of a billion laughs', text(LAUGHS), notKept),
  image('I9', 'an SVG of 10⁵ × 10⁵', text('<svg width="100000" height="100000"></svg>'), notKept),
  image(
    'I10',
    'a BMP',
    text(`BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0${'\0'.repeat(40)}`),
    notKept,
  ),
  image('I10', 'an ICO', text('\0\0\x01\0\x01\0\x10\x10\0\0'), notKept),
  image('I10', 'a JPEG 2000', text('\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 '), notKept),
  image('I10', 'a PSD', text('8BPS\0\x01\0\0\0\0\0\0'), notKept),
  image('I10', 'a HEIC', text('\0\0\0\x18ftypheic\0\0\0\0heicmif1'), notKept),
  image('I10', 'a PDF', text('%PDF-1.7\n'), notKept),
];
