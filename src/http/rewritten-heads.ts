/**
 * Rewrites lines of a head that Node's parser refuses even in its lenient mode: a Content-Length
 * that is repeated, a header whose name contains other characters than a name may, and a status
 * line with an unusual protocol, such as `HTTP/2 200` or `ICY 200 OK`. Browsers read these.
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

/** The name under which the parser receives a header with an invalid name. Nothing reads it. */
const INVALID_NAME = 'x-invalid-header-name';

/** @see RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;

/** A status line that the parser reads. */
const PLAIN_STATUS_LINE = /^HTTP\/\d\.\d \d/;

/** Another one, with its status and what follows. Shoutcast servers begin with ICY. */
const ODD_STATUS_LINE = /^(?:HTTP\/\d(?:\.\d+)?|ICY)[ \t]+(\d{3}\b.*)$/is;

/** The first value, the values after it, and the end of the line. */
const LENGTH_LINE = /^content-length[ \t]*:[ \t]*(\d*)([^\r\n]*)(\r?\n)$/i;

/** A head that another one follows. 101 is the last one. */
const INFORMATIONAL = /^HTTP\/\d\.\d 1(?!01)\d\d/;

/**
 * Rewrites the head of a response. Bytes of the body never change, so it rewrites nothing behind a
 * line of which it is not clear whether it ends the head.
 */
export class HeadRewriter {
  #isInHead = true;
  #statusLine = '';
  #hasLength = false;
  /** The bytes that have arrived of a line. */
  #begun = '';

  /** Returns what the parser receives instead of the bytes that have arrived. */
  rewrite(bytes: Buffer): Buffer {
    if (!this.#isInHead) return bytes;
    const text = this.#begun + bytes.toString('latin1');
    let rewritten = '';
    let offset = 0;
    for (;;) {
      const end = text.indexOf('\n', offset) + 1;
      if (end === 0) break;
      rewritten += this.#rewriteLine(text.slice(offset, end));
      offset = end;
    }
    const rest = text.slice(offset);
    if (rest.length > MAX_HEADER_BYTES || !this.#isBeginningOfHttp(rest)) this.#isInHead = false;
    this.#begun = this.#isInHead ? rest : '';
    return Buffer.from(rewritten + (this.#isInHead ? '' : rest), 'latin1');
  }

  /** Returns the bytes of a line without an end, after which the connection ended. */
  rest(): Buffer {
    return Buffer.from(this.#begun, 'latin1');
  }

  /** What is not HTTP is passed on at once, because the parser refuses it without waiting. */
  #isBeginningOfHttp(begun: string): boolean {
    return this.#statusLine !== '' || /^[\r\n]*([HI]|$)/i.test(begun);
  }

  #rewriteLine(line: string): string {
    if (!this.#isInHead) return line;
    // The lenient parser also ends a line at a carriage return alone, and a head at the next one.
    if (/\r[^\n]/.test(line)) this.#isInHead = false;
    else if (/^\r?\n$/.test(line)) this.#endHead();
    else if (this.#statusLine !== '') return this.#rewriteHeader(line);
    else return this.#rewriteStatusLine(line);
    return line;
  }

  #rewriteStatusLine(line: string): string {
    const [, status] = (PLAIN_STATUS_LINE.test(line) ? null : ODD_STATUS_LINE.exec(line)) ?? [];
    const rewritten = status === undefined ? line : `HTTP/1.1 ${status}`;
    if (rewritten.startsWith('HTTP/')) this.#statusLine = rewritten;
    else this.#isInHead = false;
    return rewritten;
  }

  /** Blank lines before the status line are no head. */
  #endHead(): void {
    this.#isInHead = this.#statusLine === '' || INFORMATIONAL.test(this.#statusLine);
    this.#statusLine = '';
    this.#hasLength = false;
  }

  #rewriteHeader(line: string): string {
    const colon = line.indexOf(':');
    const continuesHeader = /^[ \t]/.test(line);
    if (colon === -1 || continuesHeader || line.includes('\0')) return line;
    if (TOKEN.test(line.slice(0, colon).trimEnd())) return this.#renameLength(line);
    return `${INVALID_NAME}${line.slice(colon)}`;
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

/** A connection whose response passes through a {@link HeadRewriter}. */
export class RewritingConnection extends Duplex {
  readonly #rewriter = new HeadRewriter();

  constructor(private readonly socket: net.Socket) {
    super();
    socket.on('data', (bytes: Buffer) => {
      if (!this.push(this.#rewriter.rewrite(bytes))) socket.pause();
    });
    socket.on('end', () => {
      const rest = this.#rewriter.rest();
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
