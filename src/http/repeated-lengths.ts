/**
 * Lets Node's parser read a head that states its Content-Length several times. Even in its lenient
 * mode the parser refuses a second one, and a list of values in one.
 *
 * @see RFC 9110, section 8.6: a recipient may take equal values for one.
 */
import type net from 'node:net';
import { Duplex } from 'node:stream';
import { MAX_HEADER_BYTES } from './failures/protocol-failure';

/**
 * The name under which the parser receives all Content-Lengths but the first. Their values are not
 * compared here.
 */
export const REPEATED_LENGTH = 'x-repeated-content-length';

/** The first value, the values after it, and the end of the line. */
const LENGTH_LINE = /^content-length[ \t]*:[ \t]*(\d*)([^\r\n]*)(\r?\n)$/i;

/** A head that another one follows. 101 is the last one. */
const INFORMATIONAL = /^HTTP\/\d\.\d 1(?!01)\d\d/;

/**
 * Renames the repeated Content-Lengths of a response. Bytes of the body never change, so it renames
 * nothing behind a line of which it is not clear whether it ends the head.
 */
export class LengthRenamer {
  #isInHead = true;
  #statusLine = '';
  #hasLength = false;
  /** The bytes that have arrived of a line. */
  #begun = '';

  /** Returns what the parser receives instead of the bytes that have arrived. */
  rename(bytes: Buffer): Buffer {
    if (!this.#isInHead) return bytes;
    const text = this.#begun + bytes.toString('latin1');
    let renamed = '';
    let offset = 0;
    for (;;) {
      const end = text.indexOf('\n', offset) + 1;
      if (end === 0) break;
      renamed += this.#renameInLine(text.slice(offset, end));
      offset = end;
    }
    const rest = text.slice(offset);
    if (rest.length > MAX_HEADER_BYTES || !this.#isBeginningOfHttp(rest)) this.#isInHead = false;
    this.#begun = this.#isInHead ? rest : '';
    return Buffer.from(renamed + (this.#isInHead ? '' : rest), 'latin1');
  }

  /** Returns the bytes of a line without an end, after which the connection ended. */
  rest(): Buffer {
    return Buffer.from(this.#begun, 'latin1');
  }

  /** What is not HTTP is passed on at once, because the parser refuses it without waiting. */
  #isBeginningOfHttp(begun: string): boolean {
    return this.#statusLine !== '' || /^[\r\n]*(H|$)/.test(begun);
  }

  #renameInLine(line: string): string {
    if (!this.#isInHead) return line;
    // The lenient parser also ends a line at a carriage return alone, and a head at the next one.
    if (/\r[^\n]/.test(line)) this.#isInHead = false;
    else if (/^\r?\n$/.test(line)) this.#endHead();
    else if (this.#statusLine !== '') return this.#renameLength(line);
    else if (line.startsWith('HTTP/')) this.#statusLine = line;
    else this.#isInHead = false;
    return line;
  }

  /** Blank lines before the status line are no head. */
  #endHead(): void {
    this.#isInHead = this.#statusLine === '' || INFORMATIONAL.test(this.#statusLine);
    this.#statusLine = '';
    this.#hasLength = false;
  }

  #renameLength(line: string): string {
    const [, first, others = '', lineEnd = ''] = LENGTH_LINE.exec(line) ?? [];
    if (first === undefined) return line;
    if (this.#hasLength) return `${REPEATED_LENGTH}: ${first}${others}${lineEnd}`;
    this.#hasLength = true;
    if (!others.includes(',')) return line;
    return `content-length: ${first}${lineEnd}${REPEATED_LENGTH}: ${others}${lineEnd}`;
  }
}

/** A connection whose response passes through a {@link LengthRenamer}. */
export class LengthRenamingConnection extends Duplex {
  readonly #renamer = new LengthRenamer();

  constructor(private readonly socket: net.Socket) {
    super();
    socket.on('data', (bytes: Buffer) => {
      if (!this.push(this.#renamer.rename(bytes))) socket.pause();
    });
    socket.on('end', () => {
      const rest = this.#renamer.rest();
      if (rest.length > 0) this.push(rest);
      this.push(null);
    });
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => {
      // After its end the last bytes may still wait to be read.
      if (!socket.readableEnded) this.destroy();
    });
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void) {
    this.socket.write(bytes, done);
  }

  override _final(done: () => void): void {
    // Closes the connection even if the server keeps its side open.
    this.socket.destroySoon();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket.destroy();
    done(error);
  }
}
