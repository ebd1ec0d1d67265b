/**
 * A host that refuses everything is treated like one that is down. It gets few requests, in the
 * first run and in each later one, and none of its images fails permanently. Images that are
 * refused for themselves fail permanently after one request.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { LedgerLine } from '../../src/contract/outcome';
import type { DownloadBatchInput, DownloadBatchResult } from '../../src/contract/payloads';
import { createAuthority } from '../helpers/cluster/certificates';
import { picture } from '../helpers/images/images';
import {
  reply,
  startLyingServer,
  type Answer,
  type LyingServer,
} from '../helpers/hosts/lying-server';
import { type BatchFixture, entryOf, forEachTest, waitedFor, type Settings } from './batch-fixture';

let server: LyingServer;
let batch: BatchFixture;
let good: Answer;
beforeAll(async () => {
  good = reply('200 OK', {}, await picture('jpeg'));
});
forEachTest((scene) => ({ server, batch } = scene));

const SETTINGS = { ARTEMIS_OUTAGE_SECONDS: '0.6', ARTEMIS_MAX_REQUESTS_PER_SECOND: '5000' };
const CONNECTIONS = 4;
/**
 * An alarm after ten images, the requests under way, twenty samples, four probes, and one after
 * each pause.
 */
const FEW = 10 + 2 * CONNECTIONS + 20 + 4 + 3;

const page = '<!DOCTYPE html><html><title>Just a moment...</title><body>Checking</body></html>';
const forbidden = reply('403 Forbidden', { 'content-type': 'text/html' }, Buffer.from(page));
const toLogin = reply('302 Found', { location: '/login' });
let pages = 0;
const challengePage: Answer = (socket, request) => {
  pages += 1;
  reply('200 OK', {}, Buffer.from(`${page}<!-- ${pages} -->`))(socket, request);
};

const url = (n: number): string => `http://127.0.0.1:${server.port}/${n}`;

function plan(count: number, answer: (n: number) => Answer): void {
  for (let n = 0; n < count; n += 1) server.answer(`/${n}`, answer(n));
  batch.plan(Array.from({ length: count }, (_none, n) => entryOf(url(n))));
}

/** Runs one batch after another, each as soon as the pauses before it are over. */
async function toTheEnd(
  more: Partial<DownloadBatchInput> = {},
  onPause: (batches: number) => void = () => undefined,
  settings: Settings = {},
): Promise<DownloadBatchResult> {
  const input = {
    onlyHost: `127.0.0.1:${server.port}`,
    budgets: { default: { connections: CONNECTIONS, requestsPerSecond: 1_000 } },
    ...more,
  };
  const all = { ...SETTINGS, ...settings };
  let last = await batch.run({ settings: all, input });
  for (let batches = 1; last.place !== null && batches < 40; batches += 1) {
    onPause(batches);
    const { place, hosts } = last;
    last = await batch.run({
      settings: all,
      input: { ...input, place, hosts: waitedFor(hosts), previousDispatch: 0 },
    });
  }
  expect(last.place).toBeNull();
  return last;
}

function requestsIn(lines: readonly LedgerLine[]): number {
  return lines.reduce((sum, { requests }) => sum + requests, 0);
}

function stored(): number {
  return batch.lines().filter(({ outcome }) => outcome === 'stored').length;
}

describe('a host that refuses everything', () => {
  it.each<[string, Answer, string, string]>([
    ['403', forbidden, 'http_403', 'status 403: Just a moment...'],
    ['401 without a text', reply('401 Unauthorized'), 'http_401', 'status 401'],
    ['different pages with status 200', challengePage, 'not_an_image', 'Just a moment...'],
  ])(
    'gets few requests, and all its images fail as retryable (%s)',
    async (_what, answer, code, words) => {
      plan(300, () => answer);
      const last = await toTheEnd();
      const lines = batch.lines();
      expect(lines).toHaveLength(300);
      for (const line of lines) expect(line).toMatchObject({ code, retryable: true });
      expect(server.requests.length).toBeLessThanOrEqual(FEW);
      expect(server.requests.length).toBeGreaterThanOrEqual(20);
      expect(requestsIn(lines)).toBe(server.requests.length);
      const unasked = lines.filter(({ requests }) => requests === 0);
      for (const { detail } of unasked) {
        expect(detail).toMatch(/^not asked: the host was given up/);
        expect(detail).toContain(words);
      }
      const host = `127.0.0.1:${server.port}`;
      expect(last.refused).toMatchObject([{ host, code }]);
      expect(last.refused?.[0]?.detail).toContain(words);
    },
  );

  it('gets few requests when it redirects every image to a page of its own', async () => {
    plan(300, () => toLogin);
    server.answer('/login', challengePage);
    const last = await toTheEnd();
    const lines = batch.lines();
    expect(lines).toHaveLength(300);
    for (const line of lines) expect(line).toMatchObject({ code: 'not_an_image', retryable: true });
    expect(requestsIn(lines)).toBe(server.requests.length);
    // An image whose second request is held back begins with its first one again.
    expect(server.requests.length).toBeLessThanOrEqual(3 * FEW);
    expect(last.refused).toMatchObject([{ code: 'not_an_image' }]);
  });

  it.each<[string, Answer]>([
    ['answers 403', forbidden],
    ['redirects to a page of its own', toLogin],
  ])('is waited for, and every image arrives when it no longer %s', async (_what, refusal) => {
    let isWell = false;
    server.answer('/login', challengePage);
    plan(120, () => (socket, request) => {
      (isWell ? good : refusal)(socket, request);
    });
    await toTheEnd({}, () => {
      isWell = true;
    });
    expect(stored()).toBe(120);
    expect(requestsIn(batch.lines())).toBe(server.requests.length);
  });

  it('is given up even if each of its batches ends before that is known', async () => {
    plan(300, () => (socket, request) => {
      setTimeout(() => {
        forbidden(socket, request);
      }, 50);
    });
    let pauses = 0;
    await toTheEnd({ timeBoxSeconds: 0.5 }, (batches) => {
      pauses = batches;
    });
    const lines = batch.lines();
    for (const line of lines) expect(line).toMatchObject({ code: 'http_403', retryable: true });
    expect(requestsIn(lines)).toBe(server.requests.length);
    // A slow machine needs more batches. Each may end with requests under way and begins with a
    // probe.
    expect(server.requests.length).toBeLessThanOrEqual(FEW + pauses * (CONNECTIONS + 1));
  });

  it('gets few handshakes when its certificate is unknown', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-refusals-'));
    const certificate = createAuthority(folder, 'own').issue('localhost', {
      names: 'IP:127.0.0.1',
    });
    const secure = await startLyingServer({ certificate });
    batch.plan([...Array(60).keys()].map((n) => entryOf(`https://127.0.0.1:${secure.port}/${n}`)));
    const allowed = `127.0.0.1:${secure.port}`;
    await toTheEnd({ onlyHost: allowed }, undefined, { ARTEMIS_ALLOW_PRIVATE_HOSTS: allowed });
    const { all } = secure.connections;
    await secure.close();
    fs.rmSync(folder, { recursive: true });
    for (const line of batch.lines()) expect(line).toMatchObject({ code: 'tls', retryable: true });
    expect(all).toBeLessThanOrEqual(FEW);
  });

  it('is given up even if its twenty images were all requested before that was known', async () => {
    plan(20, () => forbidden);
    await toTheEnd();
    for (const line of batch.lines()) expect(line).toMatchObject({ retryable: true });
  });

  it('holds back only itself among the hosts of its lane', async () => {
    const other = await startLyingServer();
    for (let n = 0; n < 40; n += 1) {
      server.answer(`/${n}`, forbidden);
      other.answer(`/o${n}`, good);
    }
    const theirs = (n: number): string => `http://127.0.0.1:${other.port}/o${n}`;
    batch.plan(
      Array.from({ length: 40 }, (_none, n) => [entryOf(url(n)), entryOf(theirs(n))]).flat(),
    );
    const both = `127.0.0.1:${server.port},127.0.0.1:${other.port}`;
    const settings = { ...SETTINGS, ARTEMIS_ALLOW_PRIVATE_HOSTS: both };
    const { pause } = await batch.run({ settings });
    await other.close();
    expect(stored()).toBe(40);
    expect(batch.lines()).toHaveLength(40);
    expect(pause).toMatchObject({ code: 'http_403', why: 'outage' });
    expect(pause?.detail).toContain('Just a moment...');
  });
});

describe('images that are refused for themselves', () => {
  it.each<[string, number, (n: number) => boolean]>([
    ['fewer than twenty', 19, () => true],
    ['those at the head of the lane', 150, (n) => n < 40],
    ['those at its end', 100, (n) => n >= 82],
    ['three of four', 120, (n) => n % 4 !== 0],
  ])(
    'fail permanently after one request, and slow down no others (%s)',
    async (_what, count, isBad) => {
      plan(count, (n) => (isBad(n) ? forbidden : good));
      await toTheEnd();
      const lines = batch.lines();
      const bad = lines.filter(({ outcome }) => outcome === 'failed');
      expect(bad).toHaveLength([...Array(count).keys()].filter(isBad).length);
      for (const line of bad)
        expect(line).toMatchObject({ code: 'http_403', retryable: false, requests: 1 });
      expect(server.requests).toHaveLength(count);
      expect(batch.waits).toEqual([]);
    },
  );

  it('fail permanently when they, and the good ones too, are redirected on their host', async () => {
    server.answer('/login', challengePage);
    server.answer('/good', good);
    const toGood = reply('302 Found', { location: '/good' });
    plan(150, (n) => (n < 40 ? toLogin : toGood));
    await toTheEnd();
    expect(stored()).toBe(110);
    const bad = batch.lines().filter(({ outcome }) => outcome === 'failed');
    expect(bad).toHaveLength(40);
    for (const line of bad) expect(line).toMatchObject({ code: 'not_an_image', retryable: false });
    expect(requestsIn(batch.lines())).toBe(server.requests.length);
    expect(server.requests.length).toBeLessThanOrEqual(300 + FEW);
  });

  it('are distinguished by samples from the end of a long lane that begins with thousands of them', async () => {
    const count = 2_700;
    plan(count, (n) => (n < 2_150 ? forbidden : reply('404 Gone')));
    await toTheEnd({ budgets: { default: { connections: 16, requestsPerSecond: 100_000 } } });
    const lines = batch.lines();
    expect(lines).toHaveLength(count);
    for (const { retryable } of lines) expect(retryable).toBe(false);
    expect(requestsIn(lines)).toBe(server.requests.length);
    // A few samples for each alarm.
    expect(server.requests.length - count).toBeLessThanOrEqual(20);
  });

  it('are left for a later run after one answer with cf-mitigated', async () => {
    const answer = reply('403 Forbidden', { 'cf-mitigated': 'challenge' }, Buffer.from(page));
    const line = await batch.outcomeOf(server, answer, { ARTEMIS_MAX_ATTEMPTS: '3' });
    expect(line).toMatchObject({ code: 'http_403', retryable: true, requests: 1 });
    expect(line.detail).toContain('cf-mitigated: challenge');
  });
});
