/** Says in words how a connection ended, or what did not come in time. */

/** @see Node's errno codes; undici's error codes (docs/api/Errors.md of undici). */
const HOW_IT_ENDED: Readonly<Record<string, string>> = {
  UND_ERR_SOCKET: 'the host closed the connection',
  HPE_INVALID_EOF_STATE: 'the host closed the connection',
  EPIPE: 'the host closed the connection',
  ECONNRESET: 'the host reset the connection',
};

const WHAT_DID_NOT_COME: Readonly<Record<string, string>> = {
  UND_ERR_HEADERS_TIMEOUT: 'no answer came in time',
  UND_ERR_BODY_TIMEOUT: 'the body stopped for too long',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the body is not as long as its Content-Length says',
};

/**
 * The message of a failure, with the error's code at its end, by which people search for help.
 *
 * @param code of an error of Node or undici.
 * @param phase where the request was: before the response's headers, or in its body.
 */
export function describeEndedConnection(code: string, phase: 'head' | 'body'): string {
  const where = phase === 'body' ? 'in the body' : 'before an answer';
  const missing = WHAT_DID_NOT_COME[code];
  if (missing !== undefined) return `${missing} (${code})`;
  const ended = HOW_IT_ENDED[code];
  return ended === undefined ? `${code} ${where}` : `${ended} ${where} (${code})`;
}
