/** Describes which part of an answer is not valid HTTP, in the words of the parser. */

/** The most bytes of headers that are read. At some hosts, security policies alone have 20 kB. */
export const MAX_HEADER_BYTES = 64 * 1_024;

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
  if (code === 'UND_ERR_HEADERS_OVERFLOW')
    return `the answer has more than ${MAX_HEADER_BYTES / 1_024} kB of headers`;
  // undici uses this code for any fault in the head of an answer that has a Content-Length.
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH')
    return 'the answer has a second or an invalid Content-Length, or another fault in a head with a Content-Length';
  if (code === 'HPE_UNEXPECTED')
    return 'an answer with a status that nobody asked for (100 or 101)';
  if (!code.startsWith('HPE_')) return null;
  const [, parserReason] = /protocol \((.+)\)$/s.exec(message) ?? [];
  return parserReason === undefined ? null : `no valid HTTP: ${parserReason}`;
}
