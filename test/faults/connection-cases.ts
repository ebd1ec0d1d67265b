/** Section N, connections that are kept: what one answer leaves on them must not reach the next. */
import { head, raw, reply } from '../helpers/lying-server';
import { fails, failsForNow, stored, type FaultCase } from './fault-case';

const sized = (bytes: Buffer): string => head('200 OK', { 'content-length': String(bytes.length) });

/** A connection that has served an answer ends as the next request comes; the request that is repeated is served. */
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
    // No try of the image's: it has only one.
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
    expected: failsForNow('connect', { requests: 2 }),
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
