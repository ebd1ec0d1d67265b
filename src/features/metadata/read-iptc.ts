/**
 * Reads datasets of an IPTC block. Everything in it may be wrong, so every read is checked.
 *
 * @see IPTC-IIM 4.2, chapters 3 and 6; Adobe Photoshop File Formats, "Image Resource Blocks".
 */
import { cleanText } from './clean-text';
import type { CreditValues } from './credit';

const PHOTOSHOP = 'Photoshop 3.0\0';
const RESOURCE_MARK = '8BIM';
/** The number of the resource with the datasets. */
const IPTC_RESOURCE = 0x0404;
const DATASET_MARK = 0x1c;
/** The record with what editors write. */
const APPLICATION_RECORD = 2;
const OBJECT_NAME = 5;
const BY_LINE = 80;
const COPYRIGHT_NOTICE = 116;
/** Lengths with this bit are those of long datasets, which no text has. */
const LONG_DATASET = 0x8000;
/** More than any program writes. */
const MOST_DATASETS = 500;
const MOST_TEXT_BYTES = 2_000;

export function readIptc(block: Buffer): CreditValues {
  const texts = new Map<number, string[]>();
  const bytes = datasetsIn(block);
  let at = 0;
  for (let count = 0; count < MOST_DATASETS && at + 5 <= bytes.length; count += 1) {
    if (bytes[at] !== DATASET_MARK) break;
    const length = bytes.readUInt16BE(at + 3);
    const end = at + 5 + length;
    if (length >= LONG_DATASET || end > bytes.length) break;
    if (bytes[at + 1] === APPLICATION_RECORD) {
      const dataset = bytes[at + 2] ?? 0;
      const text = cleanText(bytes.subarray(at + 5, Math.min(end, at + 5 + MOST_TEXT_BYTES)));
      texts.set(dataset, [...(texts.get(dataset) ?? []), text]);
    }
    at = end;
  }
  return {
    title: texts.get(OBJECT_NAME) ?? [],
    creator: texts.get(BY_LINE) ?? [],
    copyright: texts.get(COPYRIGHT_NOTICE) ?? [],
    licence: [],
  };
}

/** The datasets alone; empty where there are none. */
function datasetsIn(block: Buffer): Buffer {
  if (block.toString('latin1', 0, PHOTOSHOP.length) !== PHOTOSHOP) return block;
  let at = PHOTOSHOP.length;
  while (at + 12 <= block.length && block.toString('latin1', at, at + 4) === RESOURCE_MARK) {
    const resource = block.readUInt16BE(at + 4);
    // The name, with the byte of its length, and the contents are padded to an even size.
    const nameBytes = 1 + (block[at + 6] ?? 0);
    const sizeAt = at + 6 + nameBytes + (nameBytes % 2);
    if (sizeAt + 4 > block.length) break;
    const size = block.readUInt32BE(sizeAt);
    const start = sizeAt + 4;
    if (resource === IPTC_RESOURCE) return block.subarray(start, start + size);
    at = start + size + (size % 2);
  }
  return Buffer.alloc(0);
}
