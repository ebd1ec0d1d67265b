/**
 * Section N, kept connections: what one answer leaves on a connection must not reach the next
 * request.
 */
import { head, raw, reply } from '../helpers/hosts/lying-server';
import { fails, neverAnswers, stored, type FaultCase } from './fault-case';

const sized = (bytes: Buffer): string => head('200 OK', { 'content-length': String(bytes.length) });

/**
 * Ends a connection that has served an answer when the next request arrives, and serves the request
 * that is sent again.
 */
export const endsKeptConnection: NonNullable<FaultCase['serve']> =
  ({ jpeg }) =>
  (socket, request) => {
    if (request.onConnection > 0 && request.before === 0) socket.destroy();
    else reply('200 OK', {}, jpeg)(socket, request);
  };

export const connectionCases: readonly FaultCase[] = [
  {
    row: 'N35',
    what: 'a connection that is kept alive ends as the next request comes',
    serve: endsKeptConnection,
    // The image has one attempt only, so the repeated request does not count as one.
    settings: { ARTEMIS_MAX_ATTEMPTS: '1' },
    expected: stored({ requests: 2 }),
  },
  {
    row: 'N35',
    what: 'it is reset',
    serve:
      ({ jpeg }) =>
      (socket, request) => {
        if (request.onConnection > 0 && request.before === 0) socket.resetAndDestroy();
        else reply('200 OK', {}, jpeg)(socket, request);
      },
    settings: { ARTEMIS_MAX_ATTEMPTS: '1' },
    expected: stored({ requests: 2 }),
  },
  {
    row: 'N35',
    what: 'a new connection ends without an answer, too: that is a try',
    serve: () => (socket) => socket.destroy(),
    settings: { ARTEMIS_MAX_ATTEMPTS: '1' },
    expected: neverAnswers('connect', { requests: 2 }),
  },
  {
    row: 'N35',
    what: 'a new connection is reset without an answer',
    serve: () => (socket) => socket.resetAndDestroy(),
    settings: { ARTEMIS_MAX_ATTEMPTS: '1' },
    expected: neverAnswers('connect', {
      requests: 2,
      detail: 'the host reset the connection before an answer',
    }),
  },
  {
    row: 'N36',
    what: 'a second answer behind the first, for whoever asks next',
    serve: ({ jpeg, progressive }) =>
      raw(sized(jpeg), jpeg, Buffer.concat([Buffer.from(sized(progressive)), progressive])),
    expected: stored({ bytes: ({ jpeg }) => jpeg }),
  },
  {
    row: 'N36',
    what: 'a second answer behind one without a body',
    serve: ({ progressive }) =>
      raw(head('404 Not Found', { 'content-length': '0' }), sized(progressive), progressive),
    expected: fails('http_404'),
  },
];
