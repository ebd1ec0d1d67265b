/** Images that are requested through an HTTP proxy, which knows names that are unknown here. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DownloadBatchResult } from '../../src/contract/payloads';
import { createAuthority } from '../helpers/cluster/certificates';
import { ForwardProxy } from '../helpers/hosts/forward-proxy';
import { picture } from '../helpers/images/images';
import { reply, startLyingServer, type LyingServer } from '../helpers/hosts/lying-server';
import { until } from '../helpers/until';
import { runBatchBehind } from './batch-behind';
import { BatchFixture, entryOf, waitedFor, type Settings } from './batch-fixture';

const PASSWORD = 'p@ss:w0rd-of-the-proxy';
const CREDENTIALS = `someone:${PASSWORD}`;
const IMAGES = 12;

let folder: string;
let jpeg: Buffer;
let plain: LyingServer;
let secure: LyingServer;
let environment: readonly string[];
let proxy: ForwardProxy;
let batch: BatchFixture;
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-proxy-'));
  jpeg = await picture('jpeg');
  const authority = createAuthority(folder, 'ca');
  const certificate = authority.issue('secure', { names: 'DNS:secure.test' });
  [plain, secure] = [await startLyingServer(), await startLyingServer({ certificate })];
  environment = ['env', `NODE_EXTRA_CA_CERTS=${authority.cert}`];
});
afterAll(async () => {
  await plain.close();
  await secure.close();
  fs.rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  batch = new BatchFixture(0);
  plain.requests.length = 0;
  proxy = await ForwardProxy.start({
    credentials: CREDENTIALS,
    portOf: (_host, port) => (port === 443 ? secure : plain).port,
  });
});
afterEach(async () => {
  await proxy.stop();
  await batch.dispose();
});

/** Runs one batch after another, as the workflow does. */
async function download(
  urls: readonly string[],
  setting?: string,
  more: Settings = {},
): Promise<void> {
  for (const url of urls) {
    const answer = reply('200 OK', {}, jpeg);
    (url.startsWith('https:') ? secure : plain).answer(new URL(url).pathname, answer);
  }
  batch.plan(urls.map((url) => entryOf(url, url)));
  const [user = '', ...words] = CREDENTIALS.split(':');
  const userinfo = `${user}:${encodeURIComponent(words.join(':'))}`;
  const settings = {
    ARTEMIS_PROXY: setting ?? `http://${userinfo}@127.0.0.1:${proxy.port}`,
    ARTEMIS_OUTAGE_SECONDS: '1',
    http_proxy: `${userinfo}@127.0.0.1:${proxy.port}`,
    no_proxy: 'direct.test',
    ...more,
  };
  const results: DownloadBatchResult[] = [];
  for (let place: DownloadBatchResult['place'] = { offset: 0, entry: 0 }; place !== null;) {
    const last = results.at(-1);
    if (last?.pause) await delay(last.pause.waitMs);
    const before = last === undefined ? {} : { hosts: waitedFor(last.hosts), tried: last.tried };
    const budgets = { default: { connections: 2, requestsPerSecond: 10 } };
    const result = await batch.run({
      settings,
      input: { budgets, place, ...before },
      work: (options) => runBatchBehind(environment, options),
    });
    results.push(result);
    ({ place } = result);
  }
}

function urlsOf(host: string): readonly string[] {
  return Array.from({ length: IMAGES }, (_none, nth) => `http://${host}/${nth}`);
}

function outcomes(): readonly string[] {
  return batch.lines().map(({ id, outcome, code }) => `${id} ${code ?? outcome}`);
}

it('a proxy receives http requests as whole URLs and https requests through a tunnel, and addresses and ports in URLs are still checked', async () => {
  await download([
    'http://plain.test/a',
    'https://secure.test/b',
    'http://10.0.0.1/private',
    'http://[::ffff:10.0.0.1]/private',
    'http://plain.test:22/port',
  ]);
  expect([...outcomes()].sort()).toEqual([
    'http://10.0.0.1/private blocked_address',
    'http://[::ffff:10.0.0.1]/private blocked_address',
    'http://plain.test/a stored',
    'http://plain.test:22/port blocked_address',
    'https://secure.test/b stored',
  ]);
  expect([...proxy.passed].sort()).toEqual(['CONNECT secure.test:443', 'GET http://plain.test/a']);
  expect(proxy.refused).toEqual([]);
  const heads = [...plain.requests, ...secure.requests].map(({ head }) => head.toLowerCase());
  expect(heads.filter((head) => head.includes('proxy-authorization'))).toEqual([]);
});

it('a proxy without a scheme is taken from http_proxy, and not used for the hosts of no_proxy', async () => {
  await download(
    ['http://plain.test/a', 'http://direct.test/b', 'https://secure.test/c'],
    'environment',
  );
  expect(proxy.passed).toEqual(['GET http://plain.test/a']);
  expect([...outcomes()].sort()).toEqual([
    'http://direct.test/b dns',
    'http://plain.test/a stored',
    'https://secure.test/c dns',
  ]);
});

/** Settings of the worker, and how long the proxy does not work. */
interface Hardship {
  readonly settings?: Settings;
  readonly lastsMs?: number;
}

it.each<[string, () => Promise<void>, () => Promise<void>, Hardship?]>([
  ['is down', (): Promise<void> => proxy.stop(), (): Promise<void> => proxy.listen()],
  [
    'hangs',
    (): Promise<void> => proxy.hang(true),
    (): Promise<void> => proxy.hang(false),
    // Longer than all attempts at an image take.
    { settings: { ARTEMIS_MAX_SECONDS_PER_FILE: '2' }, lastsMs: 12_000 },
  ],
  [
    'wants another password (407)',
    (): Promise<void> => proxy.expect('someone:else'),
    (): Promise<void> => proxy.expect(CREDENTIALS),
  ],
])(
  'while the proxy %s, no host receives a request and no image fails',
  async (_how, breakIt, mend, { settings = {}, lastsMs = 1_200 }: Hardship = {}) => {
    const urls = [...urlsOf('one.test'), ...urlsOf('two.test')];
    const finished = download(urls, undefined, settings);
    await until(() => plain.requests.length >= IMAGES / 2, { within: 60, saying: 'some requests' });
    await breakIt();
    await delay(300);
    const before = plain.requests.length;
    await delay(lastsMs);
    expect(plain.requests.length).toBe(before);
    await mend();
    await finished;
    expect(outcomes().filter((outcome) => !outcome.endsWith('stored'))).toEqual([]);
    expect(outcomes()).toHaveLength(2 * IMAGES);
    // Those that the proxy cut off are sent again.
    expect(plain.requests.length).toBeLessThanOrEqual(2 * IMAGES + 4);
    expect(
      proxy.passed.filter((target) => !/(one|two)\.test|pipeline\.invalid/.test(target)),
    ).toEqual([]);
    const basic = Buffer.from(CREDENTIALS).toString('base64');
    const forms = [PASSWORD, encodeURIComponent(PASSWORD), basic].flatMap((form) => ['-e', form]);
    const found = spawnSync('grep', ['-rlF', ...forms, batch.root], { encoding: 'utf8' });
    expect(found).toMatchObject({ status: 1, stdout: '' });
  },
);

it('a proxy that is always down fails no image before the pauses are over', async () => {
  await proxy.stop();
  batch.plan(urlsOf('one.test').map((url) => entryOf(url, url)));
  const settings = {
    ARTEMIS_PROXY: `http://127.0.0.1:${proxy.port}`,
    ARTEMIS_OUTAGE_SECONDS: '1',
  };
  const result = await batch.run({ settings });
  expect(batch.waits.at(-1)).toMatchObject({ host: 'network', code: 'connect' });
  expect(result.pause?.why).toBe('network');
  expect(result.pause?.detail).toMatch(/^no connection to the proxy: .*ECONNREFUSED/);
  expect(result.place).not.toBeNull();
  expect(batch.lines()).toEqual([]);
});
