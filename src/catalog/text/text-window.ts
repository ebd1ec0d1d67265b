/** The part of a catalog's text that is in memory: what has come and is not used up yet. */
import { readBytes, refuseForeign } from './catalog-bytes';
import type { PackedFile } from './packed-file';
import { ChunkDecoder } from './text-decoder';
import type { BadStretch, TextPiece } from './text-decoder';

/** **Units** UTF-16 units of one catalog row; more is taken for a quote that is never closed. */
export const LONGEST_RECORD = 16 << 20;

/** Text that grows at the end and is used up at the start; knows which of it came from invalid bytes. */
export class TextWindow {
  text = '';
  /** True when nothing more will come. */
  complete = false;
  /** The encoding of the bytes that the text came from. */
  encoding = '';
  #bad: BadStretch[] = [];
  /** Stretches before it have been passed. */
  #passed = 0;

  append(piece: TextPiece): void {
    const base = this.text.length;
    this.text = base === 0 ? piece.text : this.text + piece.text;
    for (const [from, to] of piece.bad) this.#bad.push([base + from, base + to]);
  }

  /** Forgets what lies before `position`. */
  drop(position: number): void {
    this.text = this.text.slice(position);
    this.#bad = this.#bad
      .filter(([, to]) => to > position)
      .map(([from, to]) => [from - position, to - position]);
    this.#passed = 0;
  }

  /**
   * Whether any of the text between came from bytes that are not valid in the encoding.
   * To be asked from front to back: what lies before `start` is not looked at again.
   */
  isBad(start: number, end: number): boolean {
    while ((this.#bad[this.#passed]?.[1] ?? Infinity) <= start) this.#passed += 1;
    const next = this.#bad[this.#passed];
    return next !== undefined && next[0] < end;
  }
}

export interface TextSource extends PackedFile {
  /** A byte order mark of the file wins over it. */
  readonly encoding: string;
}

/**
 * Yields the same window again and again, each time with more text; the last time it is complete.
 *
 * @throws StepError `catalog_format` when the file is no text, `input` for an unknown encoding.
 */
export async function* readText({ encoding, ...source }: TextSource): AsyncGenerator<TextWindow> {
  const window = new TextWindow();
  window.encoding = encoding;
  let decoder = new ChunkDecoder(encoding);
  let first = true;
  for await (const chunk of readBytes(source)) {
    if (first) {
      refuseForeign(chunk, source.name);
      window.encoding = encodingByMark(chunk) ?? encoding;
      decoder = new ChunkDecoder(window.encoding);
    }
    window.append(withoutMark(decoder.decode(chunk, false), first));
    first = false;
    yield window;
  }
  window.append(withoutMark(decoder.decode(Buffer.alloc(0), true), first));
  window.complete = true;
  yield window;
}

/** A byte order mark is no part of the first column's name. */
function withoutMark(piece: TextPiece, first: boolean): TextPiece {
  if (!first || !piece.text.startsWith('\uFEFF')) return piece;
  return {
    text: piece.text.slice(1),
    bad: piece.bad.map(([from, to]) => [Math.max(from - 1, 0), to - 1]),
  };
}

/**
 * The encoding that the byte order mark stands for; null when there is none.
 *
 * @see WHATWG Encoding Standard, "BOM sniff"
 */
export function encodingByMark(start: Buffer): string | null {
  const hex = start.subarray(0, 3).toString('hex');
  if (hex === 'efbbbf') return 'utf-8';
  if (hex.startsWith('fffe')) return 'utf-16le';
  return hex.startsWith('feff') ? 'utf-16be' : null;
}
