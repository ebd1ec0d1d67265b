/**
 * Rewrites the lines between the chunks of a body that browsers and curl read, and that Node's
 * parser refuses even in its lenient mode: extensions of any form, blanks behind a size, lines that
 * end in LF only, and trailers.
 *
 * @see RFC 9112, section 7.1: a recipient ignores extensions that it does not know, and may ignore
 * trailers.
 */
import { MAX_HEADER_BYTES } from '../failures/protocol-failure';

/** The size of a chunk in hexadecimal digits, without the zeros before it. */
const SIZE_LINE = /^0*([\da-f]{1,12})[ \t]*(?:;.*)?\r*\n$/is;

const BLANK_LINE = /^\r*\n$/;

const LINE_FEED = 0x0a;

/** The data of chunks never change. From the first line that is not understood, nothing does. */
export class ChunkRewriter {
  #expected: 'size' | 'end of data' | 'trailer' | 'anything' = 'size';
  /** The bytes that are left of a chunk's data. */
  #dataLeft = 0;
  /** The bytes that have arrived of a line. */
  #begun = '';
  #trailerBytes = 0;

  /** Returns what the parser receives instead of the bytes that have arrived. */
  rewrite(bytes: Buffer): Buffer {
    const parts: Buffer[] = [];
    let offset = 0;
    while (offset < bytes.length) {
      const end = this.#endOfPart(bytes, offset);
      parts.push(this.#rewritePart(bytes.subarray(offset, end)));
      offset = end;
    }
    return Buffer.concat(parts);
  }

  /** Returns the bytes of a line without an end, after which the connection ended. */
  rest(): string {
    return this.#begun;
  }

  #endOfPart(bytes: Buffer, offset: number): number {
    if (this.#dataLeft > 0) return Math.min(bytes.length, offset + this.#dataLeft);
    if (this.#expected === 'anything') return bytes.length;
    const lineFeed = bytes.indexOf(LINE_FEED, offset);
    return lineFeed === -1 ? bytes.length : lineFeed + 1;
  }

  #rewritePart(part: Buffer): Buffer {
    if (this.#dataLeft > 0) {
      this.#dataLeft -= part.length;
      return part;
    }
    if (this.#expected === 'anything') return part;
    this.#begun += part.toString('latin1');
    const isWhole = part.at(-1) === LINE_FEED;
    if (!isWhole && this.#begun.length <= MAX_HEADER_BYTES) return Buffer.alloc(0);
    const line = this.#begun;
    this.#begun = '';
    return Buffer.from(this.#rewriteLine(line), 'latin1');
  }

  #rewriteLine(line: string): string {
    if (this.#expected === 'size') return this.#rewriteSize(line);
    if (BLANK_LINE.test(line)) {
      this.#expected = this.#expected === 'trailer' ? 'anything' : 'size';
      return '\r\n';
    }
    this.#trailerBytes += line.length;
    if (this.#expected === 'trailer' && this.#trailerBytes <= MAX_HEADER_BYTES) return '';
    this.#expected = 'anything';
    return line;
  }

  #rewriteSize(line: string): string {
    const [, digits] = SIZE_LINE.exec(line) ?? [];
    if (digits === undefined) {
      this.#expected = 'anything';
      return line;
    }
    this.#dataLeft = Number.parseInt(digits, 16);
    this.#expected = this.#dataLeft === 0 ? 'trailer' : 'end of data';
    return `${digits}\r\n`;
  }
}
