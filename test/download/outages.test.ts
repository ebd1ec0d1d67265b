/**
 * A host that only fails gets few requests, and its outage costs no image an attempt. A host with a
 * few bad images is not slowed down.
 */
import type { DownloadBatchInput, DownloadBatchResult } from '../../src/contract/payloads';
import { picture } from '../helpers/images/images';
import { reply, type Answer, type LyingServer } from '../helpers/hosts/lying-server';
import { type BatchFixture, entryOf, type Settings, waitedFor, forEachTest } from './batch-fixture';

let server: LyingServer;
let batch: BatchFixture;
let good: Answer;
beforeAll(async () => {
  good = reply('200 OK', {}, await picture('jpeg'));
});
forEachTest((scene) => ({ server, batch } = scene));

/** Probes after 40, 80, 160, 320 ms; pauses of 0.6, 2.4 and 12 s. */
const SHORT: Settings = { ARTEMIS_OUTAGE_SECONDS: '0.6', ARTEMIS_MAX_ATTEMPTS: '1' };
const BAD = reply('500 Oops');
const DEAD = '127.0.0.1:1';
const settings = (more: Settings = {}): Settings => ({
  ...SHORT,
  ARTEMIS_ALLOW_PRIVATE_HOSTS: `127.0.0.1:${server.port},${DEAD}`,
  ...more,
});
const names = (count: number): readonly string[] =>
  Array.from({ length: count }, (_none, n) => `/${n}`);
const url = (name: string): string => `http://127.0.0.1:${server.port}${name}`;

function plan(count: number, answer: (n: number) => Answer): void {
  names(count).forEach((name, n) => {
    server.answer(name, answer(n));
  });
  batch.plan(names(count).map((name) => entryOf(url(name))));
}

/** The lane's next batch, when its pause is over. */
function nextOf({ place, hosts }: DownloadBatchResult): Partial<DownloadBatchInput> {
  if (place === null) throw new Error('the lane is done');
  return { place, hosts: waitedFor(hosts) };
}

describe('a host that only fails', () => {
  it('gets only probes, in the batch and after each pause, until its images fail', async () => {
    plan(600, () => BAD);
    // Longer than any stall of the machine, so that the end of the first pause is not reported as
    // the second.
    const slow = settings({ ARTEMIS_OUTAGE_SECONDS: '3' });
    const first = await batch.run({ settings: slow });
    const host = `127.0.0.1:${server.port}`;
    expect(first.pause).toMatchObject({ host, code: 'http_500', why: 'outage' });
    expect(first.pause?.waitMs).toBeLessThanOrEqual(3_000);
    // The requests that were under way at the fifth failure, and four probes.
    expect(server.requests.length).toBeLessThanOrEqual(5 + 16 + 4);
    let last = first;
    for (const [pauses, waitMs] of [
      [2, 12_000],
      [3, 60_000],
    ] as const) {
      const before = server.requests.length;
      last = await batch.run({ settings: slow, input: nextOf(last) });
      expect(server.requests.length).toBe(before + 1);
      expect(last.hosts[host]?.outage).toMatchObject({ pauses });
      expect(last.pause?.waitMs).toBeGreaterThan(waitMs / 2);
      expect(last.pause?.waitMs).toBeLessThanOrEqual(waitMs);
    }
    expect(batch.lines()).toEqual([]);
    const before = server.requests.length;
    const ended = await batch.run({ settings: slow, input: nextOf(last) });
    expect(server.requests.length).toBe(before + 1);
    expect(ended.place).toBeNull();
    const lines = batch.lines();
    expect(lines).toHaveLength(600);
    for (const line of lines)
      expect(line).toMatchObject({ outcome: 'failed', code: 'http_500', retryable: true });
  });

  it('and recovers causes no failure, although each image has only one attempt', async () => {
    let isWell = false;
    plan(100, () => (socket, request) => {
      (isWell ? good : BAD)(socket, request);
    });
    const timer = setTimeout(() => (isWell = true), 700);
    const { place } = await batch.run({ settings: settings({ ARTEMIS_OUTAGE_SECONDS: '6' }) });
    clearTimeout(timer);
    expect(place).toBeNull();
    expect(batch.lines().filter(({ outcome }) => outcome === 'stored')).toHaveLength(100);
  });

  it('costs an image no attempt, although the others fail seconds later than it does', async () => {
    let isDown = false;
    let hasFirstFailed = false;
    plan(6, (n) => (socket, request) => {
      if (n === 1 && !hasFirstFailed) {
        // A connection that served an image before may end without being a failure of the next one.
        hasFirstFailed = request.onConnection === 0;
        socket.destroy();
      } else if (n === 0 || (request.before > 0 && !isDown)) good(socket, request);
      else if (request.before > 0) {
        // The first probe, without which the failures would be those of the images.
        isDown = false;
        socket.destroy();
      } else
        setTimeout(() => {
          isDown = true;
          socket.destroy();
        }, 2_500);
    });
    await batch.run({ settings: settings({ ARTEMIS_OUTAGE_SECONDS: '6' }) });
    expect(batch.lines().map(({ outcome }) => outcome)).toEqual(Array(6).fill('stored'));
  });

  it.each<[string, Answer, Settings]>([
    ['hangs up', (socket) => socket.destroy(), {}],
    ['is silent', () => undefined, { ARTEMIS_MAX_SECONDS_PER_FILE: '1.5' }],
    ['429 without a time', reply('429 Too Many'), {}],
  ])('is waited for when it answered before and then %s', async (_what, answer, more) => {
    plan(60, (n) => (n === 0 ? good : answer));
    const { pause, stored, failed } = await batch.run({ settings: settings(more) });
    expect(pause?.why).toBe('outage');
    expect({ stored, failed }).toEqual({ stored: 1, failed: 0 });
  });

  it('is not waited for when it never answered, and its images fail as retryable without delaying others', async () => {
    for (const name of names(300)) server.answer(name, good);
    const dead = names(50).map((name) => entryOf(`http://${DEAD}${name}`, `dead${name}`));
    batch.plan([...dead, ...names(300).map((name) => entryOf(url(name)))]);
    const { place, pause } = await batch.run({ settings: settings() });
    expect({ place, pause }).toEqual({ place: null, pause: null });
    const lines = batch.lines();
    const failed = lines.filter(({ outcome }) => outcome === 'failed');
    expect(lines.length - failed.length).toBe(300);
    expect(failed).toHaveLength(50);
    for (const line of failed)
      expect(line).toMatchObject({ code: 'connect', retryable: true, requests: 0 });
    // Three images were tried (one, if the machine stalls for as long as a long attempt). The
    // others report why they were not: either no request was sent for them, or the one that was
    // sent did not count, because the healthy host had not answered yet.
    const notAsked = failed.filter(({ detail }) => detail?.includes('not asked') === true);
    const tried = failed.length - notAsked.length;
    expect([1, 2, 3]).toContain(tried);
    const attempts = tried === 1 ? 'the one attempt' : `${tried} attempts`;
    for (const { detail } of notAsked)
      expect(detail).toContain(`the host answered none of ${attempts}`);
    // Each round until the healthy host answers tries three, and waits as long as all before it.
    const triedBefore = notAsked.filter(
      ({ detail }) => detail?.includes('not asked again') === true,
    );
    expect(triedBefore.length).toBeLessThanOrEqual(3 * 6);
  });
});

describe('before any host has answered', () => {
  it('the lane pauses three times without a failed image, and then the host is considered dead', async () => {
    batch.plan(names(8).map((name) => entryOf(`http://${DEAD}${name}`)));
    const quick = settings({ ARTEMIS_OUTAGE_SECONDS: '0.3' });
    let last = await batch.run({ settings: quick });
    for (const pauses of [1, 2, 3]) {
      expect(last.pause).toMatchObject({ host: '*', why: 'network', code: 'connect' });
      expect(last.hosts['*']?.outage).toMatchObject({ pauses });
      expect(batch.lines()).toEqual([]);
      last = await batch.run({ settings: quick, input: nextOf(last) });
    }
    expect(last.place).toBeNull();
    expect(batch.lines()).toHaveLength(8);
    for (const line of batch.lines())
      expect(line).toMatchObject({ outcome: 'failed', code: 'connect', retryable: true });
  });
});

describe('images that fail by themselves', () => {
  it('use up their own attempts, and slow down no others', async () => {
    plan(200, (n) => (n === 20 || n === 100 ? BAD : good));
    const { place, pause } = await batch.run({ settings: settings({ ARTEMIS_MAX_ATTEMPTS: '3' }) });
    expect({ place, pause }).toEqual({ place: null, pause: null });
    expect(batch.waits).toEqual([]);
    const bad = batch.lines().filter(({ outcome }) => outcome === 'failed');
    expect(bad.map(({ requests, code }) => ({ requests, code }))).toEqual(
      Array(2).fill({ requests: 3, code: 'http_500' }),
    );
  });
});

it('an image whose body drips in every batch fails in the end, because its attempts are passed on', async () => {
  plan(2, (n) => (n === 0 ? good : () => undefined));
  const slow = settings({ ARTEMIS_MAX_ATTEMPTS: '3', ARTEMIS_MAX_SECONDS_PER_FILE: '0.5' });
  let last = await batch.run({ settings: slow, input: { timeBoxSeconds: 0.3 } });
  expect(last.place?.entry).toBe(1);
  for (let n = 0; n < 2 && last.place !== null; n += 1) {
    const { place, hosts, tried } = last;
    last = await batch.run({ settings: slow, input: { place, hosts, tried, timeBoxSeconds: 0.3 } });
  }
  expect(batch.lines()).toMatchObject([
    { outcome: 'stored' },
    { outcome: 'failed', code: 'timeout', retryable: true },
  ]);
});
