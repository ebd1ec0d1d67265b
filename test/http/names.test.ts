/** Names: one look-up a connection, every address of its answer judged, and that answer connected to. (N16, N18, N34) */
import type { DownloadBatchResult } from '../../src/contract/payloads';
import { BatchFixture, entryOf, type Settings } from '../download/batch-fixture';
import {
  canHaveOwnInternet,
  downloadInOwnInternet,
  type Scene,
  type Seen,
} from '../helpers/own-internet';

const PUBLIC = '93.184.216.34';
const PUBLIC6 = '2606:2800:220:1::1';
const DONE = { place: null, pause: null, readTo: 0, stored: 0, failed: 0, hosts: {}, tried: {} };

let batch: BatchFixture;
beforeEach(() => {
  batch = new BatchFixture(80);
});
afterEach(() => batch.dispose());

/** The codes of the URLs' outcomes, and what the name server and the web server saw. */
async function download(
  urls: readonly string[],
  scene: Scene,
  settings: Settings = {},
  connections = 1,
): Promise<Seen & { readonly codes: readonly (string | null)[] }> {
  batch.plan(urls.map((url, index) => entryOf(url, String(index))));
  let seen: Seen = { lookups: [], connections: [] };
  await batch.run({
    settings: { ARTEMIS_ALLOW_PRIVATE_HOSTS: '', ARTEMIS_MAX_ATTEMPTS: '1', ...settings },
    input: { budgets: { default: { connections, requestsPerSecond: 100 } } },
    work: (options): Promise<DownloadBatchResult> => {
      seen = downloadInOwnInternet(scene, options);
      return Promise.resolve(DONE);
    },
  });
  const lines = [...batch.lines()].sort((a, b) => a.id.localeCompare(b.id));
  return { ...seen, codes: lines.map(({ code }) => code) };
}

const at = (...lists: readonly string[][]): { readonly A: readonly string[][] } => ({ A: lists });

(canHaveOwnInternet ? describe : describe.skip)('a name', () => {
  it('that is public is looked up once, and that address is connected to', async () => {
    const seen = await download(['http://museum.example/x'], {
      answers: { 'museum.example': at([PUBLIC], ['127.0.0.1']) },
      addresses: [PUBLIC],
    });
    // 404 by the server that listens on it: had the second answer been connected to, it would be on loopback.
    expect(seen.codes).toEqual(['http_404']);
    expect(seen.connections).toEqual([PUBLIC]);
    expect(seen.lookups.filter((asked) => asked.endsWith(' A'))).toHaveLength(1);
  });

  it('that changes to a private address is refused at the next connection', async () => {
    const seen = await download(
      ['http://museum.example/x', 'http://museum.example/y', 'http://museum.example/z'],
      {
        answers: { 'museum.example': at([PUBLIC], ['127.0.0.1'], ['169.254.169.254']) },
        addresses: [PUBLIC, '169.254.169.254'],
        closes: true,
      },
    );
    expect(seen.codes).toEqual(['http_404', 'blocked_address', 'blocked_address']);
    expect(seen.connections).toEqual([PUBLIC]);
  });

  it.each([
    ['a private one among public ones', [PUBLIC, '10.0.0.1', '93.184.216.35'], []],
    ['a mapped one', [], ['::ffff:7f00:1']],
    ['NAT64 of loopback', [], ['64:ff9b::7f00:1']],
    ['unique local in IPv6 beside a public one', [PUBLIC], ['fd00:ec2::254']],
  ])('with %s is refused, without a connection', async (_what, A, AAAA) => {
    const seen = await download(['http://museum.example/x'], {
      answers: { 'museum.example': { A: [A], AAAA: [AAAA] } },
      addresses: [PUBLIC, PUBLIC6, '10.0.0.1', 'fd00:ec2::254'],
    });
    expect(seen.codes).toEqual(['blocked_address']);
    expect(seen.connections).toEqual([]);
  });

  it('that a redirect leads to is judged like the first', async () => {
    const seen = await download(['http://museum.example/x', 'http://museum.example/y'], {
      answers: {
        'museum.example': at([PUBLIC]),
        'inside.example': at(['127.0.0.1']),
        localhost: at(['127.0.0.1']),
      },
      addresses: [PUBLIC],
      redirects: { '/x': 'http://inside.example/', '/y': 'http://localhost./' },
    });
    expect(seen.codes).toEqual(['blocked_address', 'blocked_address']);
    expect(seen.connections).toEqual([PUBLIC]);
  });

  it('with a dead IPv6 address and a live IPv4 one is reached', async () => {
    const seen = await download(['http://museum.example/x'], {
      answers: { 'museum.example': { A: [[PUBLIC]], AAAA: [[PUBLIC6]] } },
      addresses: [PUBLIC],
    });
    expect(seen.codes).toEqual(['http_404']);
    expect(seen.connections).toEqual([PUBLIC]);
  });

  it('with an IPv6 address only is reached', async () => {
    const seen = await download(['http://museum.example/x'], {
      answers: { 'museum.example': { AAAA: [[PUBLIC6]] } },
      addresses: [PUBLIC6],
    });
    expect(seen.codes).toEqual(['http_404']);
    expect(seen.connections).toEqual([PUBLIC6]);
  });

  it('that the worker’s configuration names may be private', async () => {
    const seen = await download(
      ['http://intranet.example/x'],
      { answers: { 'intranet.example': at(['127.0.0.1']) }, addresses: [] },
      { ARTEMIS_ALLOW_PRIVATE_HOSTS: 'intranet.example' },
    );
    expect(seen.codes).toEqual(['http_404']);
  });

  it('that is looked up again hides no failure of a connection that is open: its request is repeated', async () => {
    const seen = await download(
      ['http://museum.example/x', 'http://museum.example/y', 'http://museum.example/z'],
      {
        // A second connection is looked up for while the first one hangs up on a request.
        answers: {
          'museum.example': { A: [[PUBLIC], { addresses: [PUBLIC], delayMs: 1_500 }] },
        },
        addresses: [PUBLIC],
        hangsUp: true,
      },
      {},
      2,
    );
    expect(seen.codes).toEqual(['http_404', 'http_404', 'http_404']);
  });

  it('that does not exist is `dns`', async () => {
    // Beside a host that answers: before any has, nobody knows whether the network works.
    const seen = await download(['http://nowhere.example/x', 'http://museum.example/y'], {
      answers: { 'museum.example': at([PUBLIC]) },
      addresses: [PUBLIC],
    });
    expect(seen.codes).toEqual(['dns', 'http_404']);
  });
});
