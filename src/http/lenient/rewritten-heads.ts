/**
 * Rewrites lines of a head that Node's parser refuses even in its lenient mode: a Content-Length
 * that is repeated or has no value, a Transfer-Encoding that is no coding, a line that has no name
 * of a header or an invalid one, and a status line with an unusual protocol, such as `HTTP/2 200`
 * or `ICY 200 OK`. Browsers read these. If the body comes in chunks, the lines between them are
 * rewritten too.
 *
 * @see RFC 9110, section 8.6: a recipient may take equal values for one.
 */
import type net from 'node:net';
import { transferCodings } from '../coding/transfer-codings';
import { FilteredConnection, type ByteFilter } from '../connect/filtered-connection';
import { MAX_HEADER_BYTES } from '../failures/protocol-failure';
import { ChunkRewriter } from './rewritten-chunks';

/**
 * The name under which the parser receives all Content-Lengths but the first. Their values are not
 * compared here.
 */
export const REPEATED_LENGTH = 'x-repeated-content-length';

/** The name under which the parser receives a Content-Length without a value. */
export const MISSING_LENGTH = 'x-missing-content-length';

/** The name under which the parser receives a line with an invalid name. Nothing reads it. */
const INVALID_NAME = 'x-invalid-header-name';

/** The name under which the parser receives a Transfer-Encoding that is none, as `identity`. */
const NO_CODING = 'x-no-transfer-encoding';

/** @see RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;

/** A status line that the parser reads. */
const PLAIN_STATUS_LINE = /^HTTP\/\d\.\d \d{3}[ \r\n]/;

/** Another one, with its status and what follows. Shoutcast servers begin with ICY. */
const ODD_STATUS_LINE = /^(?:HTTP(?:\/\d(?:\.\d+)?)?|ICY)[ \t]+(\d{3})(?!\d)[ \t]*(.*)$/is;

/** The value, and the end of the line. */
const LENGTH_LINE = /^content-length[ \t]*:[ \t]*([^\r\n]*)(\r?\n)$/i;

/** The first length, and those after it. An element of a list may be empty. */
const LENGTHS = /^\+?(\d+)(?:\.0+|[ \t]*b(?:ytes)?)?[ \t]*((?:,[ \t]*\d*[ \t]*)*)$/i;

/** What programs write that do not know the length, such as PHP and JavaScript. */
const NO_LENGTH = /^(?:undefined|null|nan|none|false)?$/i;

const TRANSFER_LINE = /^transfer-encoding[ \t]*(:([^\r\n]*)\r?\n)$/i;

/** CGI programs on Windows write a carriage return too many. */
const REPEATED_RETURNS = /\r{2,}\n$/;

/** A head that another one follows. 101 is the last one. */
const INFORMATIONAL = /^HTTP\/\d\.\d 1(?!01)\d\d/;

/**
 * Rewrites the head of a response. Bytes of the body never change, so it rewrites nothing behind a
 * line of which it is not clear whether it ends the head.
 */
export class HeadRewriter implements ByteFilter {
  #isInHead = true;
  #statusLine = '';
  #hasLength = false;
  #isChunked = false;
  /** The bytes that have arrived of a line. */
  #begun = '';
  /** Null while the head arrives, and if the body does not come in chunks. */
  #chunks: ChunkRewriter | null = null;

  /** Returns what the parser receives instead of the bytes that have arrived. */
  rewrite(bytes: Buffer): Buffer {
    return this.#isInHead ? this.#rewriteHead(bytes) : this.#rewriteBody(bytes);
  }

  /** Returns the bytes of a line without an end, after which the connection ended. */
  rest(): Buffer {
    return Buffer.from(this.#chunks?.rest() ?? this.#begun, 'latin1');
  }

  #rewriteHead(bytes: Buffer): Buffer {
    const text = this.#begun + bytes.toString('latin1');
    let rewritten = '';
    let offset = 0;
    while (this.#isInHead) {
      const end = text.indexOf('\n', offset) + 1;
      if (end === 0) break;
      rewritten += this.#rewriteLine(text.slice(offset, end));
      offset = end;
    }
    const rest = text.slice(offset);
    if (rest.length > MAX_HEADER_BYTES || !this.#isBeginningOfHttp(rest)) this.#isInHead = false;
    this.#begun = this.#isInHead ? rest : '';
    const head = Buffer.from(rewritten, 'latin1');
    if (this.#isInHead) return head;
    return Buffer.concat([head, this.#rewriteBody(Buffer.from(rest, 'latin1'))]);
  }

  #rewriteBody(bytes: Buffer): Buffer {
    return this.#chunks?.rewrite(bytes) ?? bytes;
  }

  /** What is not HTTP is passed on at once, because the parser refuses it without waiting. */
  #isBeginningOfHttp(begun: string): boolean {
    return this.#statusLine !== '' || /^[\r\n]*([HI]|$)/i.test(begun);
  }

  #rewriteLine(asSent: string): string {
    const line = asSent.replace(REPEATED_RETURNS, '\r\n');
    // The lenient parser also ends a line at a carriage return alone, and a head at the next one.
    if (/\r[^\n]/.test(line)) this.#isInHead = false;
    else if (/^\r?\n$/.test(line)) this.#endHead();
    else if (this.#statusLine !== '') return this.#rewriteHeader(line);
    else return this.#rewriteStatusLine(line);
    return line;
  }

  #rewriteStatusLine(line: string): string {
    const odd = PLAIN_STATUS_LINE.test(line) ? null : ODD_STATUS_LINE.exec(line);
    const [, status = '', rest = ''] = odd ?? [];
    const space = rest.trim() === '' ? '' : ' ';
    const rewritten = odd === null ? line : `HTTP/1.1 ${status}${space}${rest}`;
    if (rewritten.startsWith('HTTP/')) this.#statusLine = rewritten;
    else this.#isInHead = false;
    return rewritten;
  }

  /** Blank lines before the status line are no head. */
  #endHead(): void {
    this.#isInHead = this.#statusLine === '' || INFORMATIONAL.test(this.#statusLine);
    if (!this.#isInHead && this.#isChunked) this.#chunks = new ChunkRewriter();
    this.#statusLine = '';
    this.#hasLength = false;
    this.#isChunked = false;
  }

  #rewriteHeader(line: string): string {
    const colon = line.indexOf(':');
    const continuesHeader = /^[ \t]/.test(line);
    if (continuesHeader || line.includes('\0')) return line;
    if (colon === -1) return `${INVALID_NAME}: ${line}`;
    if (!TOKEN.test(line.slice(0, colon).trimEnd())) return `${INVALID_NAME}${line.slice(colon)}`;
    return this.#renameLength(line) ?? this.#renameCoding(line) ?? line;
  }

  /** Returns null if the line is no Content-Length. */
  #renameLength(line: string): string | null {
    const [, value, lineEnd = ''] = LENGTH_LINE.exec(line) ?? [];
    if (value === undefined) return null;
    if (NO_LENGTH.test(value.trim())) return `${MISSING_LENGTH}: ${value}${lineEnd}`;
    const [, first, others = ''] = LENGTHS.exec(value.trim()) ?? [];
    if (first === undefined) return line;
    if (this.#hasLength) return `${REPEATED_LENGTH}: ${value}${lineEnd}`;
    this.#hasLength = true;
    if (value.trim() === first) return line;
    const repeated = others === '' ? '' : `${REPEATED_LENGTH}: ${others}${lineEnd}`;
    return `content-length: ${first}${lineEnd}${repeated}`;
  }

  /** Returns null if the line is no Transfer-Encoding. */
  #renameCoding(line: string): string | null {
    const [, colonAndValue, value = ''] = TRANSFER_LINE.exec(line) ?? [];
    if (colonAndValue === undefined) return null;
    const codings = transferCodings(value);
    if (codings.length === 0) return `${NO_CODING}${colonAndValue}`;
    this.#isChunked = codings.at(-1) === 'chunked';
    return line;
  }
}

/** A connection whose response passes through a {@link HeadRewriter}. */
export class RewritingConnection extends FilteredConnection {
  constructor(socket: net.Socket) {
    super(socket, new HeadRewriter());
  }
}
