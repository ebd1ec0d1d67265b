/** Bytes to text, chunk by chunk, without hiding bytes that are not valid in the encoding. */
import { isUtf8 } from 'node:buffer';
import { StepError } from '../../contract/errors';
import { byteDecoder, type ByteDecoder } from './byte-decoder';

/**
 * A stretch of text that came from lines with invalid bytes: the positions of its start and of the
 * character after it, in UTF-16 code units.
 */
export type BadStretch = readonly [number, number];

/** Decoded text and where in it the bytes were not valid. */
export interface TextPiece {
  readonly text: string;
  readonly bad: readonly BadStretch[];
}

/**
 * Encodings with several bytes for a character whose text can only be divided after a line.
 *
 * @see https://encoding.spec.whatwg.org/
 */
const CUT_AT_LINES: ReadonlySet<string> = new Set([
  'shift_jis',
  'euc-jp',
  'iso-2022-jp',
  'gbk',
  'gb18030',
  'big5',
  'euc-kr',
]);
/** The largest length of a line in such an encoding, in bytes. */
const LONGEST_LINE = 16 << 20;

/** Decodes a stream of chunks; a byte order mark stays in the text. */
export class ChunkDecoder {
  readonly #strict: ByteDecoder;
  readonly #lenient: ByteDecoder;
  #carry: Buffer = Buffer.alloc(0);

  /** @throws StepError `input` when the encoding is not in the WHATWG Encoding Standard. */
  constructor(encoding: string) {
    try {
      this.#strict = byteDecoder(encoding, { fatal: true });
      this.#lenient = byteDecoder(encoding, { fatal: false });
    } catch (error) {
      throw new StepError(
        'input',
        `\`encoding\` is ${JSON.stringify(encoding)}: give a name of the WHATWG Encoding Standard, for example utf-8, windows-1252, utf-16le.`,
        { cause: error },
      );
    }
  }

  /**
   * Returns the text that is complete so far. The bytes of an incomplete character, or of an
   * incomplete line in an encoding of `CUT_AT_LINES`, wait for the next chunk unless this is the
   * last one.
   */
  decode(chunk: Buffer, { isLast }: { readonly isLast: boolean }): TextPiece {
    const block = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    const cut = isLast ? block.length : this.#safeCut(block);
    this.#carry = block.subarray(cut);
    return this.#decodeBlock(block.subarray(0, cut));
  }

  #safeCut(block: Buffer): number {
    if (this.#isWide) return wideCut(block, this.#strict.encoding);
    if (this.#strict.encoding === 'utf-8') return utf8Cut(block);
    if (!CUT_AT_LINES.has(this.#strict.encoding)) return block.length;
    const cut = block.lastIndexOf(0x0a) + 1;
    if (cut === 0 && block.length > LONGEST_LINE) {
      throw new StepError('catalog_format', `A line is longer than ${LONGEST_LINE} bytes.`);
    }
    return cut;
  }

  get #isWide(): boolean {
    return this.#strict.encoding.startsWith('utf-16');
  }

  #decodeBlock(block: Buffer): TextPiece {
    if (this.#strict.encoding === 'utf-8' && isUtf8(block)) {
      return { text: block.toString('utf8'), bad: [] };
    }
    return this.#tryStrict(block) ?? this.#decodeLines(block);
  }

  #tryStrict(block: Buffer): TextPiece | null {
    try {
      return { text: this.#strict.decode(block), bad: [] };
    } catch {
      // Not valid: the caller decodes leniently and says where.
      return null;
    }
  }

  #decodeLines(block: Buffer): TextPiece {
    const bad: BadStretch[] = [];
    const parts: string[] = [];
    let at = 0;
    for (const line of this.#lines(block)) {
      const strict = this.#tryStrict(line);
      const text = strict?.text ?? this.#lenient.decode(line);
      if (strict === null) bad.push([at, at + text.length]);
      parts.push(text);
      at += text.length;
    }
    return { text: parts.join(''), bad };
  }

  *#lines(block: Buffer): Generator<Buffer> {
    const unit = this.#isWide ? 2 : 1;
    const low = this.#strict.encoding === 'utf-16be' ? 1 : 0;
    let start = 0;
    for (let i = 0; i + unit <= block.length; i += unit) {
      const byte = block[i + (unit === 2 ? low : 0)];
      const rest = unit === 2 ? block[i + 1 - low] : 0;
      if ((byte !== 0x0a && byte !== 0x0d) || rest !== 0) continue;
      yield block.subarray(start, i + unit);
      start = i + unit;
    }
    if (start < block.length) yield block.subarray(start);
  }
}

/** Before a character whose last bytes are still to come. */
function utf8Cut(block: Buffer): number {
  for (let back = 1; back <= 3 && back <= block.length; back += 1) {
    const byte = block[block.length - back] ?? 0;
    if (byte < 0x80) return block.length;
    if (byte >= 0xc0) {
      const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return size > back ? block.length - back : block.length;
    }
  }
  return block.length;
}

/** On an even byte, and not between the halves of a surrogate pair. */
function wideCut(block: Buffer, encoding: string): number {
  const even = block.length & ~1;
  if (even < 2) return 0;
  const last =
    encoding === 'utf-16be' ? block.readUInt16BE(even - 2) : block.readUInt16LE(even - 2);
  return last >= 0xd800 && last <= 0xdbff ? even - 2 : even;
}
