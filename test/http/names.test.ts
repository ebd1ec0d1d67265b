/**
 * Each connection looks its name up once, checks every address of the answer, and connects to one
 * of them.
 */
import type { DownloadBatchResult } from '../../src/contract/payloads';
import { BatchFixture, entryOf, type Settings } from '../download/batch-fixture';
import {
  canHaveOwnInternet,
  downloadInOwnInternet,
  type Scene,
  type Seen,
} from '../helpers/hosts/own-internet';

const PUBLIC = '93.184.216.34';
const PUBLIC6 = '2606:2800:220:1::1';
const DONE = { place: null, pause: null, readTo: 0, stored: 0, failed: 0, hosts: {}, tried: {} };

let batch: BatchFixture;
beforeEach(() => {
  batch = new BatchFixture(80);
});
afterEach(() => batch.dispose());

/**
 * Returns the codes of the outcomes of the URLs, and what the name server and the web server
 * received.
 */
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

const addressLists = (...lists: readonly string[][]): { readonly A: readonly string[][] } => ({
  A: lists,
});

(canHaveOwnInternet ? describe : describe.skip)('the host name of a download', () => {
  it('is looked up once if it is public, and the connection goes to that address', async () => {
    const seen = await download(['http://museum.example/x'], {
      answers: { 'museum.example': addressLists([PUBLIC], ['127.0.0.1']) },
      addresses: [PUBLIC],
    });
    // The server on the public address answers 404. A connection to the second answer would go to
    // loopback.
    expect(seen.codes).toEqual(['http_404']);
    expect(seen.connections).toEqual([PUBLIC]);
    expect(seen.lookups.filter((asked) => asked.endsWith(' A'))).toHaveLength(1);
  });

  it('is refused at the next connection if it has changed to a private address', async () => {
    const seen = await download(
      ['http://museum.example/x', 'http://museum.example/y', 'http://museum.example/z'],
      {
        answers: { 'museum.example': addressLists([PUBLIC], ['127.0.0.1'], ['169.254.169.254']) },
        addresses: [PUBLIC, '169.254.169.254'],
        closes: true,
      },
    );
    expect(seen.codes).toEqual(['http_404', 'blocked_address', 'blocked_address']);
    expect(seen.connections).toEqual([PUBLIC]);
  });

  it.each([
    ['a private address among public ones', [PUBLIC, '10.0.0.1', '93.184.216.35'], []],
    ['an IPv4-mapped address', [], ['::ffff:7f00:1']],
    ['a NAT64 address of loopback', [], ['64:ff9b::7f00:1']],
    ['a unique local IPv6 address beside a public one', [PUBLIC], ['fd00:ec2::254']],
  ])('with %s is refused without a connection', async (_what, A, AAAA) => {
    const seen = await download(['http://museum.example/x'], {
      answers: { 'museum.example': { A: [A], AAAA: [AAAA] } },
      addresses: [PUBLIC, PUBLIC6, '10.0.0.1', 'fd00:ec2::254'],
    });
    expect(seen.codes).toEqual(['blocked_address']);
    expect(seen.connections).toEqual([]);
  });

  it('of a redirect target is checked like the first one', async () => {
    const seen = await download(['http://museum.example/x', 'http://museum.example/y'], {
      answers: {
        'museum.example': addressLists([PUBLIC]),
        'inside.example': addressLists(['127.0.0.1']),
        localhost: addressLists(['127.0.0.1']),
      },
      addresses: [PUBLIC],
      redirects: { '/x': 'http://inside.example/', '/y': 'http://localhost./' },
    });
    expect(seen.codes).toEqual(['blocked_address', 'blocked_address']);
    expect(seen.connections).toEqual([PUBLIC]);
  });

  it('is reached by IPv4 if its IPv6 address is dead', async () => {
    const seen = await download(['http://museum.example/x'], {
      answers: { 'museum.example': { A: [[PUBLIC]], AAAA: [[PUBLIC6]] } },
      addresses: [PUBLIC],
    });
    expect(seen.codes).toEqual(['http_404']);
    expect(seen.connections).toEqual([PUBLIC]);
  });

  it('is reached by IPv6 if it has no IPv4 address', async () => {
    const seen = await download(['http://museum.example/x'], {
      answers: { 'museum.example': { AAAA: [[PUBLIC6]] } },
      addresses: [PUBLIC6],
    });
    expect(seen.codes).toEqual(['http_404']);
    expect(seen.connections).toEqual([PUBLIC6]);
  });

  it('may be private if the worker’s configuration allows it', async () => {
    const seen = await download(
      ['http://intranet.example/x'],
      { answers: { 'intranet.example': addressLists(['127.0.0.1']) }, addresses: [] },
      { ARTEMIS_ALLOW_PRIVATE_HOSTS: 'intranet.example' },
    );
    expect(seen.codes).toEqual(['http_404']);
  });

  it('is looked up for a second connection without hiding the failure of the first one, whose request is repeated', async () => {
    const seen = await download(
      ['http://museum.example/x', 'http://museum.example/y', 'http://museum.example/z'],
      {
        // The look-up for a second connection is in progress while the first one is closed during a
        // request.
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

  it('is not recorded as failed before any host has answered, even if the name server is silent about it alone', async () => {
    const seen = await download(
      ['http://silent.example/x', 'http://gone.example/y'],
      {
        answers: { 'silent.example': { A: [{ isSilent: true }], AAAA: [{ isSilent: true }] } },
        addresses: [],
      },
      { ARTEMIS_OUTAGE_SECONDS: '8' },
    );
    expect(seen.codes).toEqual([]);
    // Queried again after a denial has expired, so the name server did answer in the meantime.
    expect(seen.lookups.filter((asked) => asked === 'gone.example A').length).toBeGreaterThan(1);
  });

  it('fails with `dns` if it does not exist', async () => {
    // A second host answers, because before any answer the network itself might be the cause.
    const seen = await download(['http://nowhere.example/x', 'http://museum.example/y'], {
      answers: { 'museum.example': addressLists([PUBLIC]) },
      addresses: [PUBLIC],
    });
    expect(seen.codes).toEqual(['dns', 'http_404']);
  });
});
