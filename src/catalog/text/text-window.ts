/** The part of a catalog's text that is in memory: it has been read but not processed yet. */
import { readBytes } from './catalog-bytes';
import { refuseForeign } from './foreign-format';
import type { PackedFile } from './packed-file';
import { ChunkDecoder } from './text-decoder';
import type { BadStretch, TextPiece } from './text-decoder';

/**
 * The longest record of a catalog, in UTF-16 code units. A longer one probably has a quote that is
 * never closed.
 */
export const LONGEST_RECORD = 16 << 20;

/**
 * Text to which more is appended while its start is processed and dropped. Records which parts came
 * from invalid bytes.
 */
export class TextWindow {
  text = '';
  /** True when the whole text has been appended. */
  complete = false;
  /** The encoding from which the text was decoded. */
  encoding = '';
  #bad: BadStretch[] = [];
  /** The number of invalid stretches that lie before the last position asked about. */
  #passed = 0;

  append(piece: TextPiece): void {
    const base = this.text.length;
    this.text = base === 0 ? piece.text : this.text + piece.text;
    for (const [from, to] of piece.bad) this.#bad.push([base + from, base + to]);
  }

  /** Removes the text before `position`. */
  drop(position: number): void {
    this.text = this.text.slice(position);
    this.#bad = this.#bad
      .filter(([, to]) => to > position)
      .map(([from, to]) => [from - position, to - position]);
    this.#passed = 0;
  }

  /**
   * Returns true if a part of the text from `start` to `end` came from bytes that are invalid in
   * the encoding. Must be called with increasing positions, because text before `start` is not
   * examined again.
   */
  isBad(start: number, end: number): boolean {
    while ((this.#bad[this.#passed]?.[1] ?? Infinity) <= start) this.#passed += 1;
    const next = this.#bad[this.#passed];
    return next !== undefined && next[0] < end;
  }
}

export interface TextSource extends PackedFile {
  /** The encoding of a file without a byte order mark. */
  readonly encoding: string;
}

/**
 * Yields the same window repeatedly, each time with more text. The last time it is complete.
 *
 * @throws StepError `catalog_format` if the file is not text, or `input` if the encoding is
 * unknown.
 */
export async function* readText({ encoding, ...source }: TextSource): AsyncGenerator<TextWindow> {
  const window = new TextWindow();
  window.encoding = encoding;
  let decoder = new ChunkDecoder(encoding);
  let isFirst = true;
  for await (const chunk of readBytes(source)) {
    if (isFirst) {
      refuseForeign(chunk, source.name);
      window.encoding = encodingByMark(chunk) ?? encoding;
      decoder = new ChunkDecoder(window.encoding);
    }
    const piece = decoder.decode(chunk, { isLast: false });
    window.append(isFirst ? withoutMark(piece) : piece);
    isFirst = false;
    yield window;
  }
  const last = decoder.decode(Buffer.alloc(0), { isLast: true });
  window.append(isFirst ? withoutMark(last) : last);
  window.complete = true;
  yield window;
}

/** A byte order mark, also one whose bytes in UTF-8 were taken for windows-1252. */
const MARK = /^(?:\uFEFF|ï»¿)/;

/** Removes a byte order mark, which would become a part of the first column's name. */
function withoutMark(piece: TextPiece): TextPiece {
  const length = MARK.exec(piece.text)?.[0].length ?? 0;
  if (length === 0) return piece;
  return {
    text: piece.text.slice(length),
    bad: piece.bad.map(([from, to]) => [Math.max(from - length, 0), to - length]),
  };
}

/**
 * Returns the encoding that the byte order mark stands for, or null if there is no mark.
 *
 * @see WHATWG Encoding Standard, "BOM sniff"
 */
export function encodingByMark(start: Buffer): string | null {
  const hex = start.subarray(0, 3).toString('hex');
  if (hex === 'efbbbf') return 'utf-8';
  if (hex.startsWith('fffe')) return 'utf-16le';
  return hex.startsWith('feff') ? 'utf-16be' : null;
}
