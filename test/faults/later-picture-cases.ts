/** Section I8: JPEG files of several pictures: stereo cameras, gain maps, previews, videos. */
import { rawThenClose } from '../helpers/hosts/lying-server';
import { failsForNow, stored, TWICE_DAMAGED, type Expected, type FaultCase } from './fault-case';
import { image, type Body } from './file-served-whole';
import type { SampleImages } from './sample-images';

/** The types of pictures, as the list of the multi-picture format has them. */
const GAIN_MAP = 0x050000;
const STEREO = 0x020002;
const LARGE_THUMBNAIL = 0x010001;

interface Listing {
  readonly isLittle?: boolean;
  readonly types?: readonly number[];
  /** Bytes between two pictures. */
  readonly gap?: number;
  /** How much larger the offsets are than they should be. */
  readonly shift?: number;
}

const LENGTH_OF_SEGMENT = (pictures: number): number => 2 + 4 + 8 + 2 + 12 + 4 + 16 * pictures;

/** A segment APP2 with the list of pictures that have `bytes` bytes each. */
function listOf(
  bytes: number,
  { isLittle = true, types = [], gap = 0, shift = 0 }: Listing,
): Buffer {
  const pictures = types.length + 1;
  const length = LENGTH_OF_SEGMENT(pictures);
  const list = Buffer.alloc(length - 6);
  const put = (value: number, at: number, size: 2 | 4): void => {
    if (isLittle) list.writeUIntLE(value, at, size);
    else list.writeUIntBE(value, at, size);
  };
  list.write(isLittle ? 'II' : 'MM', 0, 'latin1');
  put(42, 2, 2);
  put(8, 4, 4);
  put(1, 8, 2);
  put(0xb002, 10, 2);
  put(7, 12, 2);
  put(16 * pictures, 14, 4);
  put(26, 18, 4);
  put(0x030000, 26, 4);
  put(bytes + length + 2, 30, 4);
  types.forEach((type, index) => {
    const at = 26 + 16 * (index + 1);
    put(type, at, 4);
    put(bytes, at + 4, 4);
    // The offsets count from the list, which begins behind SOI, marker, length and "MPF".
    put(bytes + length + 2 - 10 + index * bytes + (index + 1) * gap + shift, at + 8, 4);
  });
  const begin = Buffer.from([0xff, 0xe2, length >> 8, length & 0xff]);
  return Buffer.concat([begin, Buffer.from('MPF\0'), list]);
}

const severalPictures =
  (listing: Listing): Body =>
  ({ jpeg }) =>
    Buffer.concat([
      jpeg.subarray(0, 2),
      listOf(jpeg.length, listing),
      jpeg.subarray(2),
      ...(listing.types ?? []).flatMap(() => [Buffer.alloc(listing.gap ?? 0), jpeg]),
    ]);

/** The file without the last bytes. */
const cut =
  (body: Body, less: (images: SampleImages) => number): Body =>
  (images) =>
    body(images).subarray(0, -less(images));

const gainMap = severalPictures({ types: [GAIN_MAP] });
const stereo = severalPictures({ types: [STEREO], isLittle: false, gap: 48 });
const three = severalPictures({ types: [GAIN_MAP, STEREO] });
const previewed = severalPictures({ types: [LARGE_THUMBNAIL] });
const onePicture = ({ jpeg }: SampleImages): number => jpeg.length;
const half = ({ jpeg }: SampleImages): number => jpeg.length >> 1;

const VALID = stored({ format: 'jpeg', verdict: 'valid', detail: 'trailing_bytes' });
const LISTS_MORE = stored({
  format: 'jpeg',
  verdict: 'suspect',
  detail: 'the JPEG lists more pictures than the file has',
});
const VIDEO = Buffer.concat([
  Buffer.from([0, 0, 0, 24]),
  Buffer.from('ftypmp42'),
  Buffer.alloc(400),
]);

const cases: readonly (readonly [what: string, body: Body, expected: Expected])[] = [
  ['a JPEG with a gain map', gainMap, VALID],
  ['two pictures of a stereo camera', stereo, VALID],
  ['three pictures', three, VALID],
  ['a gain map that is cut', cut(gainMap, half), TWICE_DAMAGED],
  ['a gain map without its last byte', cut(gainMap, () => 1), TWICE_DAMAGED],
  ['the second picture of a stereo camera, cut', cut(stereo, half), TWICE_DAMAGED],
  ['the third of three pictures, cut', cut(three, half), TWICE_DAMAGED],
  ['a large preview that is cut', cut(previewed, half), TWICE_DAMAGED],
  ['a list of three pictures, of which two are there', cut(three, onePicture), LISTS_MORE],
  ['a list of two pictures, of which one is there', cut(gainMap, onePicture), LISTS_MORE],
  [
    'a list with a large preview that was taken out',
    cut(previewed, onePicture),
    stored({ format: 'jpeg', verdict: 'valid', detail: null }),
  ],
  [
    'two pictures whose list is that of a longer first one',
    severalPictures({ types: [GAIN_MAP], shift: 300 }),
    VALID,
  ],
  [
    'a gain map and the video of a phone behind it',
    (images) => Buffer.concat([gainMap(images), VIDEO]),
    VALID,
  ],
  ['the video of a phone behind a JPEG', ({ jpeg }) => Buffer.concat([jpeg, VIDEO]), VALID],
  [
    'half a JPEG behind a JPEG that lists none',
    ({ jpeg }) => Buffer.concat([jpeg, jpeg.subarray(0, jpeg.length >> 1)]),
    VALID,
  ],
  ['a first picture that is cut', cut(gainMap, ({ jpeg }) => jpeg.length + 40), TWICE_DAMAGED],
];

export const laterPictureCases: readonly FaultCase[] = [
  ...cases.map(([what, body, expected]) => image('I8', what, body, expected)),
  {
    row: 'I8',
    what: 'a gain map that is cut, without a length',
    serve: (images) => rawThenClose('HTTP/1.0 200 OK\r\n\r\n', cut(gainMap, half)(images)),
    expected: failsForNow('truncated', { detail: 'the JPEG ends inside a later picture' }),
  },
];
