/** TIFFs that are made by hand, in little-endian order, of kinds that no encoder here writes. */

/** The offset of the image's data, or of the second directory, which begin behind the first one. */
export const DATA = 'data';
export const SECOND = 'second';

type Value = number | typeof DATA | typeof SECOND;

/** Values are LONGs. */
export type TiffTag = readonly [
  tag: number,
  value: Value | readonly Value[] | { readonly text: string },
];

export interface TiffParts {
  readonly tags: readonly TiffTag[];
  readonly data: Buffer;
  /** The tags of a second directory, which another tag leads to. */
  readonly second?: readonly TiffTag[];
  /** Bytes between the header and the first directory; an even number. */
  readonly mark?: Buffer;
}

const ASCII = 2;
const LONG = 4;

/** @see TIFF 6.0, section 2 */
export function tiffOf({ tags, data, second = [], mark = Buffer.alloc(0) }: TiffParts): Buffer {
  const start = 8 + mark.length;
  const header = Buffer.alloc(8);
  header.write('II*\0', 'latin1');
  header.writeUInt32LE(start, 4);
  const secondAt = start + bytesOf(tags);
  const places = { [DATA]: secondAt + bytesOf(second), [SECOND]: secondAt };
  const directories = [
    directoryOf(tags, start, places),
    ...(second.length === 0 ? [] : [directoryOf(second, secondAt, places)]),
  ];
  return Buffer.concat([header, mark, ...directories, data]);
}

function bytesOf(tags: readonly TiffTag[]): number {
  const places = { [DATA]: 0, [SECOND]: 0 };
  return tags.length === 0 ? 0 : directoryOf(tags, 0, places).length;
}

function directoryOf(
  tags: readonly TiffTag[],
  start: number,
  places: Readonly<Record<typeof DATA | typeof SECOND, number>>,
): Buffer {
  const sorted = [...tags].sort(([one], [other]) => one - other);
  const entries = Buffer.alloc(2 + 12 * sorted.length + 4);
  entries.writeUInt16LE(sorted.length);
  const values: Buffer[] = [];
  let valuesAt = start + entries.length;
  sorted.forEach(([tag, value], index) => {
    const at = 2 + 12 * index;
    const isText = typeof value === 'object' && 'text' in value;
    const bytes = isText ? Buffer.from(`${value.text}\0`, 'latin1') : longs([value].flat());
    entries.writeUInt16LE(tag, at);
    entries.writeUInt16LE(isText ? ASCII : LONG, at + 2);
    entries.writeUInt32LE(isText ? bytes.length : bytes.length / 4, at + 4);
    if (bytes.length <= 4) bytes.copy(entries, at + 8);
    else {
      entries.writeUInt32LE(valuesAt, at + 8);
      const even = Buffer.alloc(bytes.length + (bytes.length % 2));
      bytes.copy(even);
      values.push(even);
      valuesAt += even.length;
    }
  });
  return Buffer.concat([entries, ...values]);

  function longs(numbers: readonly Value[]): Buffer {
    const bytes = Buffer.alloc(4 * numbers.length);
    numbers.forEach((number, index) =>
      bytes.writeUInt32LE(typeof number === 'number' ? number : places[number], 4 * index),
    );
    return bytes;
  }
}

const SIDE = 16;

/** The tags of an image of 16 pixels in width and height whose data are in one strip. */
export function stripTags(bits: readonly number[], photometric?: number): readonly TiffTag[] {
  const bitsOfPixel = bits.reduce((sum, one) => sum + one, 0);
  return [
    [256, SIDE],
    [257, SIDE],
    [258, bits],
    [259, 1],
    ...(photometric === undefined ? [] : [[262, photometric] as const]),
    [273, DATA],
    [277, bits.length],
    [278, SIDE],
    [279, (SIDE * SIDE * bitsOfPixel) / 8],
  ];
}

/** The pixels of such an image. */
export function stripOf(bits: readonly number[]): Buffer {
  return Buffer.alloc((SIDE * SIDE * bits.reduce((sum, one) => sum + one, 0)) / 8, 7);
}
