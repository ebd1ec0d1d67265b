/**
 * A page that is returned for all hosts is a fault of the network: no image fails because of a
 * captive portal.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DownloadBatchResult } from '../../../../src/contract/payloads';
import { blockPageKey } from '../../../../src/download/hosts/network/block-pages';
import { picture } from '../../../helpers/images';
import { BatchFixture, entryOf, waitedFor } from '../../batch-fixture';

const HOSTS = 30;
const PAGE = (host: string): string =>
  `<!DOCTYPE html><html><head><title>Hotel Wi-Fi</title></head><body><a href="http://${host}/x?id=${host.length}">${host}</a></body></html>`;

let image: Buffer;
let server: http.Server;
let port: number;
let batch: BatchFixture;
let isPortal: boolean;
let answer: (request: http.IncomingMessage, response: http.ServerResponse) => void;
let requests: number;

beforeAll(async () => {
  image = await picture('jpeg');
});
beforeEach(async () => {
  isPortal = true;
  requests = 0;
  server = http.createServer((request, response) => {
    requests += 1;
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

/** Each host has an address of its own on loopback, and two images. */
function run(before?: DownloadBatchResult): Promise<DownloadBatchResult> {
  const hosts = Array.from({ length: HOSTS }, (_none, n) => `127.0.1.${n + 1}`);
  const urls = hosts.flatMap((host) => [1, 2].map((n) => `http://${host}:${port}/${n}`));
  batch.plan(urls.map((url) => entryOf(url, url)));
  return batch.run({
    settings: {
      ARTEMIS_ALLOW_PRIVATE_HOSTS: hosts.map((host) => `${host}:${port}`).join(','),
      ARTEMIS_OUTAGE_SECONDS: '3',
    },
    input: before?.place == null ? {} : { place: before.place, hosts: waitedFor(before.hosts) },
  });
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
    const timer = setTimeout(() => (isPortal = false), 1_500);
    const { place } = await run();
    clearTimeout(timer);
    expect(place).toBeNull();
    const outcomes = batch.lines().map(({ outcome }) => outcome);
    expect(outcomes).toEqual(Array(2 * HOSTS).fill('stored'));
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
