/**
 * A page that is returned for all hosts is a fault of the network: no image fails because of a
 * captive portal.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DownloadBatchInput, DownloadBatchResult } from '../../../../src/contract/payloads';
import type { PlanEntry } from '../../../../src/contract/plan-entry';
import { blockPageKey } from '../../../../src/download/hosts/network/block-pages';
import { picture } from '../../../helpers/images/images';
import { BatchFixture, entryOf, waitedFor } from '../../batch-fixture';

const HOSTS = 30;
/** More than the 20 that are needed. */
const ENOUGH_HOSTS = 25;
const PAGE = (host: string): string =>
  `<!DOCTYPE html><html><head><title>Hotel Wi-Fi</title></head><body><a href="http://${host}/x?id=${host.length}">${host}</a></body></html>`;

let image: Buffer;
let server: http.Server;
let port: number;
let batch: BatchFixture;
let isPortal: boolean;
let answer: (request: http.IncomingMessage, response: http.ServerResponse) => void;
let requests: number;
let asked: Set<string>;
/** The portal ends when a request for one more host than these has come. */
let portalEndsAfter: number;

beforeAll(async () => {
  image = await picture('jpeg');
});
beforeEach(async () => {
  isPortal = true;
  requests = 0;
  asked = new Set();
  portalEndsAfter = Number.MAX_SAFE_INTEGER;
  server = http.createServer((request, response) => {
    requests += 1;
    asked.add(request.headers.host ?? '');
    if (asked.size > portalEndsAfter) isPortal = false;
    if (isPortal) answer(request, response);
    else response.end(image);
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  ({ port } = server.address() as AddressInfo);
  batch = new BatchFixture(port);
});
afterEach(async () => {
  await batch.dispose();
  server.closeAllConnections();
  server.close();
});

/** Each host has an address of its own on loopback. */
const hosts = Array.from({ length: HOSTS }, (_none, n) => `127.0.1.${n + 1}`);

/** Two images of each host, in one lane. */
function run(before?: DownloadBatchResult): Promise<DownloadBatchResult> {
  batch.plan(entriesOf(hosts, 2));
  const input =
    before?.place == null ? {} : { place: before.place, hosts: waitedFor(before.hosts) };
  return runLane(input);
}

function entriesOf(names: readonly string[], images: number): readonly PlanEntry[] {
  return names.flatMap((host) =>
    Array.from({ length: images }, (_none, n) => {
      const url = `http://${host}:${port}/${n + 1}`;
      return entryOf(url, url);
    }),
  );
}

function runLane(input: Partial<DownloadBatchInput>): Promise<DownloadBatchResult> {
  const settings = {
    ARTEMIS_ALLOW_PRIVATE_HOSTS: hosts.map((host) => `${host}:${port}`).join(','),
    ARTEMIS_OUTAGE_SECONDS: '3',
  };
  return batch.run({ settings, input });
}

describe('a page that is returned for all hosts', () => {
  it.each<[string, typeof answer]>([
    ['with status 200', ({ headers }, response) => response.end(PAGE(headers.host ?? ''))],
    [
      'with status 403',
      ({ headers }, response) => {
        response.writeHead(403, { 'content-type': 'text/html' });
        response.end(PAGE(headers.host ?? ''));
      },
    ],
    [
      'by redirects to an address of the local network',
      (_request, response) => {
        response.writeHead(302, { location: 'http://10.255.255.1/login' });
        response.end();
      },
    ],
  ])('%s holds back all requests, and fails no image', async (_what, how) => {
    answer = how;
    portalEndsAfter = ENOUGH_HOSTS;
    const { place } = await run();
    expect(place).toBeNull();
    const outcomes = batch.lines().map(({ outcome }) => outcome);
    expect(outcomes).toEqual(Array(2 * HOSTS).fill('stored'));
  });

  it('is recognised by the hosts of all lanes, each of which has fewer than 20', async () => {
    answer = ({ headers }, response) => response.end(PAGE(headers.host ?? ''));
    const lanes = [0, 1, 2].map((n) => `l10000${n}`);
    for (const [n, lane] of lanes.entries())
      batch.plan(entriesOf(hosts.slice(n * 10, n * 10 + 10), 40), lane);
    portalEndsAfter = ENOUGH_HOSTS;
    const results = await Promise.all(lanes.map((lane) => runLane({ lane })));
    expect(results.map(({ place }) => place)).toEqual([null, null, null]);
    const outcomes = lanes.flatMap((lane) => batch.lines(lane)).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(Array(40 * HOSTS).fill('stored'));
  });

  it('that remains for long pauses the lane, and single trial requests are sent', async () => {
    answer = ({ headers }, response) => response.end(PAGE(headers.host ?? ''));
    const first = await run();
    expect(first.pause).toMatchObject({ host: '*', why: 'network', code: 'not_an_image' });
    expect(batch.lines()).toEqual([]);
    const asked = requests;
    const second = await run(first);
    expect(requests - asked).toBeLessThanOrEqual(2);
    expect(batch.lines()).toEqual([]);
    isPortal = false;
    const { place } = await run(second);
    expect(place).toBeNull();
    expect(batch.lines().filter(({ outcome }) => outcome === 'stored')).toHaveLength(2 * HOSTS);
  });
});

describe('pages of the hosts themselves', () => {
  it('fail their images when only some hosts send them', async () => {
    answer = ({ headers }, response) => {
      const [, last = ''] = /\.(\d+):/.exec(headers.host ?? '') ?? [];
      if (Number(last) <= 10) response.end(PAGE(headers.host ?? ''));
      else response.end(image);
    };
    const { place } = await run();
    expect(place).toBeNull();
    const failed = batch.lines().filter(({ outcome }) => outcome === 'failed');
    expect(failed).toHaveLength(20);
    for (const line of failed) expect(line).toMatchObject({ code: 'not_an_image' });
  });

  it('are distinguished by their text, and that of an ordinary 404 is not a page', () => {
    const hosts = ['a.example'];
    const key = blockPageKey(PAGE('a.example'), { status: 200, hosts });
    expect(key).toBe(blockPageKey(PAGE('bb.example'), { status: 200, hosts: ['bb.example'] }));
    expect(key).not.toBe(blockPageKey('<html>Something else</html>', { status: 200, hosts }));
    expect(blockPageKey(PAGE('a.example'), { status: 404, hosts })).toBeNull();
    expect(blockPageKey('Not an image', { status: 200, hosts })).toBeNull();
  });
});
