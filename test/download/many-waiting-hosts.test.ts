/**
 * Any number of a lane's hosts may wait. The others continue, and the state of all of them is
 * passed on in a file.
 */
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { picture } from '../helpers/images/images';
import { BatchFixture, entryOf } from './batch-fixture';

const HOSTS = 120;
const IMAGES = 3;

let server: http.Server;
let batch: BatchFixture;
let port: number;
let requests: string[];

const isBusy = (host: string): boolean => Number(/\.(\d+):/.exec(host)?.[1]) % 2 === 0;

beforeEach(async () => {
  const image = await picture('jpeg');
  requests = [];
  server = http.createServer(({ headers, url }, response) => {
    const host = headers.host ?? '';
    requests.push(`${host}${url ?? ''}`);
    if (!isBusy(host)) response.end(image);
    else {
      response.writeHead(503, { 'retry-after': '600' });
      response.end();
    }
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

it('when half of 120 hosts ask for ten minutes, all images of the others arrive, and no waiting host gets another request', async () => {
  const hosts = Array.from({ length: HOSTS }, (_none, n) => `127.0.2.${n + 1}`);
  const urls = hosts.flatMap((host) =>
    Array.from({ length: IMAGES }, (_none, n) => `http://${host}:${port}/${n}`),
  );
  batch.plan(urls.map((url) => entryOf(url, url)));
  const settings = {
    ARTEMIS_ALLOW_PRIVATE_HOSTS: hosts.map((host) => `${host}:${port}`).join(','),
  };
  const first = await batch.run({ settings });
  expect(batch.lines().filter(({ outcome }) => outcome === 'stored')).toHaveLength(
    (HOSTS / 2) * IMAGES,
  );
  expect(first.pause).toMatchObject({ why: 'asked', code: 'http_503' });
  expect(JSON.stringify(first.hosts).length).toBeLessThan(1_000);
  const { place, hosts: inline, hostsFile } = first;
  if (place === null || hostsFile === undefined) throw new Error('nothing is handed on');
  const known = JSON.parse(fs.readFileSync(path.join(batch.root, hostsFile), 'utf8')) as Readonly<
    Record<string, { readonly asked?: object }>
  >;
  expect(Object.values(known).filter(({ asked }) => asked !== undefined)).toHaveLength(HOSTS / 2);
  const before = requests.length;
  const handedOn = { place, hosts: inline, hostsFile, hostsFileAgeMs: 1_000 };
  const second = await batch.run({ settings, input: handedOn });
  expect(requests.length).toBe(before);
  expect(second.pause?.waitMs).toBeLessThanOrEqual(599_000);
  // Ten minutes later requests are sent to them again.
  const later = { ...handedOn, hosts: {}, hostsFileAgeMs: 601_000 };
  await batch.run({ settings, input: later });
  expect(requests.length).toBeGreaterThan(before);
});
