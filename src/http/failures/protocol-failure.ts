/** Describes which part of an answer is not valid HTTP, in the words of the parser. */

/** The most bytes of headers that are read. At some hosts, security policies alone have 20 kB. */
export const MAX_HEADER_BYTES = 64 * 1_024;

const TOO_MANY_HEADERS = `the answer has more than ${MAX_HEADER_BYTES / 1_024} kB of headers`;

/** `phase` is where the request was: before the response's headers, or in its body. */
export function describeProtocolFailure(
  code: string,
  error: Error,
  phase: 'head' | 'body',
): string {
  const place = `${code} ${phase === 'body' ? 'in the body' : 'before an answer'}`;
  const reason = reasonOf(code, error);
  return reason === null ? place : `${reason} (${place})`;
}

function reasonOf(code: string, { message }: Error): string | null {
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return TOO_MANY_HEADERS;
  // undici uses this code for any fault in the head of an answer that has a Content-Length.
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH')
    return 'the answer has a second or an invalid Content-Length, or another fault in a head with a Content-Length';
  if (code === 'HPE_UNEXPECTED')
    return 'an answer with a status that nobody asked for (100 or 101)';
  if (!code.startsWith('HPE_')) return null;
  const [, parserReason] = /protocol \((.+)\)$/s.exec(message) ?? [];
  return parserReason === undefined ? null : `no valid HTTP: ${parserReason}`;
}

/** An error of Node's parser, with the bytes that it was given, and where it stopped. */
interface ParserError extends NodeJS.ErrnoException {
  readonly reason?: string;
  readonly rawPacket?: Buffer;
  readonly bytesParsed?: number;
}

/** Says what Node's parser found, and in which header; null for any other error. */
export function describeParserError(error: ParserError): string | null {
  const { code = '', reason = '', rawPacket, bytesParsed } = error;
  if (!code.startsWith('HPE_') || code === 'HPE_INVALID_EOF_STATE') return null;
  if (code === 'HPE_HEADER_OVERFLOW') return TOO_MANY_HEADERS;
  const name = headerAt(rawPacket ?? Buffer.alloc(0), bytesParsed ?? 0);
  return `no valid HTTP: ${reason}${name === null ? '' : `, in the header ${name}`} (${code})`;
}

/** The name of the header on the line of a byte; null where the line is none. */
function headerAt(packet: Buffer, offset: number): string | null {
  const before = packet.toString('latin1', 0, offset + 1);
  const line = before.slice(before.lastIndexOf('\n', before.length - 2) + 1);
  return /^([!#$%&'*+.^_`|~\w-]{1,60}):/.exec(line)?.[1] ?? null;
}
