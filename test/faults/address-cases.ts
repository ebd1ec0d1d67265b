/** Section N, the destination of a request: addresses, names, certificates. */
import type { Zone } from '../helpers/hosts/name-network';
import { head, raw, reply, type Answer } from '../helpers/hosts/lying-server';
import { endsKeptConnection } from './connection-cases';
import {
  fails,
  failsForNow,
  neverAnswers,
  stored,
  type FaultCase,
  SHORT_TIME_LIMIT,
} from './fault-case';

const OUR_OWN = [
  ...['127.0.0.1', '10.0.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
  ...['[::1]', '[::ffff:127.0.0.1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '[::127.0.0.1]'],
];

const SPELLINGS = ['127.1', '0x7f.1', '2130706433', '１２７.0.0.1', '0177.0.0.1'];

const SERVFAIL = { rcode: 2 };
const SILENT = { isSilent: true };

/** The names that the table's name server knows. No other name exists. */
export const ZONE: Zone = {
  'failing.such': { A: [SERVFAIL], AAAA: [SERVFAIL] },
  'silent.such': { A: [SILENT], AAAA: [SILENT] },
  'both.such': { A: [['127.0.0.1']], AAAA: [['::1']] },
  'six.such': { AAAA: [['::1']] },
  'private.such': { A: [['10.0.0.1']] },
  'mixed.such': { A: [['127.18.0.1', '10.0.0.1']] },
  'rebinding.such': { A: [['127.18.0.1'], ['10.0.0.1']] },
  'flaky.such': { A: [SERVFAIL, ['127.0.0.1']] },
  'with_underscore.such': { A: [['127.18.0.1']] },
  [`${'a'.repeat(63)}.such`]: { A: [['127.18.0.1']] },
};

/** True for cases that need {@link ZONE}. */
export function needsNames({ url }: FaultCase): boolean {
  const place = { port: 1, tlsPort: 1, plainPort: 1 };
  return url?.(place).includes('.such') === true;
}

/** Names of hosts that the tests start. Other names lead to the public internet. */
export const OWN_NAMES = ['both.such', 'six.such', 'flaky.such', 'no.such', 'failing.such'];

/** Counts as public in the table, so that names may resolve to it. */
export const PUBLIC = { network: '127.18.0.0/16', address: '127.18.0.1' };

const good: FaultCase['serve'] = ({ jpeg }) => reply('200 OK', {}, jpeg);
const to = (location: string): Answer => reply('302 Found', { location });
const unsent = { requests: 0 };

const addresses: readonly FaultCase[] = [
  ...OUR_OWN.flatMap((address): readonly FaultCase[] => [
    {
      row: 'N16',
      what: `the address ${address}`,
      url: () => `http://${address}/case`,
      expected: fails('blocked_address', unsent),
    },
    {
      row: 'N16',
      what: `a redirect to ${address}`,
      serve: () => to(`http://${address}/case`),
      expected: fails('blocked_address'),
    },
  ]),
  ...[...SPELLINGS, '/127.0.0.1'].map((host): FaultCase => ({
    row: 'N17',
    what: `http://${host}/`,
    url: () => `http://${host}/case`,
    expected: fails('blocked_address', unsent),
  })),
  {
    row: 'N16',
    what: 'a port that is not open',
    url: () => 'http://127.0.0.1:22/case',
    expected: fails('blocked_address', unsent),
  },
  {
    row: 'N16',
    what: 'a name of a private address',
    url: ({ port }) => `http://private.such:${port}/case`,
    expected: fails('blocked_address', unsent),
  },
  {
    row: 'N16',
    what: 'the name localhost',
    url: () => 'http://localhost/case',
    expected: fails('blocked_address', unsent),
  },
  {
    row: 'N18',
    what: 'a name with a public and a private address',
    url: ({ port }) => `http://mixed.such:${port}/case`,
    expected: fails('blocked_address', unsent),
  },
  {
    row: 'N18',
    what: 'a name that was public at the first look-up',
    listener: 'public',
    serve: () => (socket) => {
      // The connection ends, so the next hop needs another connection and another look-up.
      socket.end(head('302 Found', { location: '/next', connection: 'close' }));
    },
    others: ({ jpeg }) => ({ '/next': reply('200 OK', {}, jpeg) }),
    url: ({ port }) => `http://rebinding.such:${port}/case`,
    expected: fails('blocked_address'),
  },
];

const certificates: readonly FaultCase[] = [
  { row: 'N28', what: 'a good certificate', listener: 'tls', serve: good, expected: stored() },
  {
    row: 'N28',
    what: 'a handshake that hangs',
    listener: 'mute',
    settings: SHORT_TIME_LIMIT,
    expected: failsForNow('timeout', unsent),
  },
  {
    row: 'N28',
    what: 'a body behind TLS that is cut',
    listener: 'tls',
    serve:
      ({ jpeg }) =>
      (socket) => {
        socket.write(head('200 OK', { 'content-length': String(jpeg.length) }));
        socket.end(jpeg.subarray(0, 500));
      },
    expected: failsForNow('truncated'),
  },
  {
    row: 'N35',
    what: 'a kept connection behind TLS ends as the next request comes',
    listener: 'tls',
    serve: endsKeptConnection,
    settings: { ARTEMIS_MAX_ATTEMPTS: '1' },
    expected: stored({ requests: 2 }),
  },
];

const names: readonly FaultCase[] = [
  {
    row: 'N33',
    what: 'a name that does not exist',
    url: () => 'http://no.such/case',
    expected: failsForNow('dns', unsent),
  },
  {
    row: 'N33',
    what: 'a resolver that fails',
    url: () => 'http://failing.such/case',
    expected: failsForNow('dns', unsent),
  },
  {
    row: 'N33',
    what: 'a resolver that fails once',
    url: ({ port }) => `http://flaky.such:${port}/case`,
    serve: good,
    expected: stored(),
  },
  {
    row: 'N33',
    what: 'a resolver that says nothing',
    url: () => 'http://silent.such/case',
    expected: failsForNow('dns', unsent),
  },
  ...['with_underscore.such', 'with_underscore.such.', `${'a'.repeat(63)}.such`].map(
    (name): FaultCase => ({
      row: 'N33',
      what: `the name ${name}`,
      listener: 'public',
      url: ({ port }) => `http://${name}:${port}/case`,
      serve: good,
      expected: stored(),
    }),
  ),
  {
    row: 'N34',
    what: 'a port where nobody listens',
    listener: 'nobody',
    expected: failsForNow('connect', unsent),
  },
  {
    row: 'N34',
    what: 'a dead IPv6 address before a live IPv4 one',
    url: ({ port }) => `http://both.such:${port}/case`,
    serve: good,
    expected: stored(),
  },
  {
    row: 'N34',
    what: 'IPv6 only',
    listener: 'ipv6',
    url: ({ port }) => `http://six.such:${port}/case`,
    serve: good,
    expected: stored(),
  },
];

const others: readonly FaultCase[] = [
  {
    row: 'N19',
    what: 'a scheme that is not the web’s',
    url: () => 'ftp://127.0.0.1/case',
    expected: fails('scheme', unsent),
  },
  {
    row: 'N19',
    what: 'a URL with a password',
    url: ({ port }) => `http://u:secret@127.0.0.1:${port}/case`,
    expected: fails('bad_url', unsent),
  },
  {
    row: 'N19',
    what: 'no URL',
    url: () => 'no url',
    expected: fails('bad_url', unsent),
  },
  {
    row: 'N34',
    what: 'a hang-up before an answer',
    serve: () => (socket) => socket.destroy(),
    expected: neverAnswers('connect', {
      requests: 4,
      detail: 'the host closed the connection before an answer (UND_ERR_SOCKET)',
    }),
  },
  {
    row: 'N34',
    what: 'a head that is cut',
    serve: () => (socket) => {
      raw('HTTP/1.1 200 OK\r\ncontent-le')(socket, {
        path: '',
        head: '',
        before: 0,
        onConnection: 0,
      });
      socket.end();
    },
    expected: neverAnswers('connect', { requests: 4 }),
  },
];

export const addressCases: readonly FaultCase[] = [
  ...addresses,
  ...certificates,
  ...names,
  ...others,
];
