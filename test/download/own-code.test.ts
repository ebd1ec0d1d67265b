/**
 * An image's code, status and detail are those of its own last answer, for whatever reason its host
 * was given up.
 */
import type { DownloadBatchResult } from '../../src/contract/payloads';
import { picture } from '../helpers/images/images';
import { reply, type Answer, type LyingServer } from '../helpers/hosts/lying-server';
import { type BatchFixture, entryOf, forEachTest, waitedFor } from './batch-fixture';

let server: LyingServer;
let batch: BatchFixture;
let good: Answer;
beforeAll(async () => {
  good = reply('200 OK', {}, await picture('jpeg'));
});
forEachTest((scene) => ({ server, batch } = scene));

const SETTINGS = { ARTEMIS_OUTAGE_SECONDS: '0.3', ARTEMIS_MAX_ATTEMPTS: '3' };
const hangUp: Answer = (socket) => socket.destroy();

function plan(answers: readonly Answer[]): void {
  answers.forEach((answer, n) => {
    server.answer(`/${n}`, answer);
  });
  const url = (n: number): string => `http://127.0.0.1:${server.port}/${n}`;
  batch.plan(answers.map((_answer, n) => entryOf(url(n))));
}

/** Runs one batch after another, each as soon as the pauses before it are over. */
async function toTheEnd(): Promise<number> {
  let batches = 1;
  let last: DownloadBatchResult = await batch.run({ settings: SETTINGS });
  for (; last.place !== null && batches < 12; batches += 1) {
    const { place, hosts } = last;
    last = await batch.run({ settings: SETTINGS, input: { place, hosts: waitedFor(hosts) } });
  }
  expect(last.place).toBeNull();
  return batches;
}

describe('an image that received an answer before its host was given up', () => {
  it('keeps the code of that answer over batches, and its detail names the later failure', async () => {
    let asked = 0;
    // The image answers 500 once. Then the whole host closes every connection.
    const once: Answer = (socket, request) => {
      asked += 1;
      (asked === 1 ? reply('500 Oops') : hangUp)(socket, request);
    };
    plan([good, once, ...Array<Answer>(40).fill(hangUp)]);
    expect(await toTheEnd()).toBeGreaterThan(1);
    const byId = new Map(batch.lines().map((line) => [line.id, line]));
    expect(byId.size).toBe(42);
    expect(byId.get('/0')).toMatchObject({ outcome: 'stored' });
    expect(byId.get('/1')).toMatchObject({ code: 'http_500', status: 500, retryable: true });
    expect(byId.get('/1')?.detail).toMatch(/^status 500; (then|not asked again)/);
    for (let n = 2; n < 42; n += 1)
      expect(byId.get(`/${n}`)).toMatchObject({ code: 'connect', status: null });
  });
});

describe('an image for which no request was sent', () => {
  it('reports that no request was sent, with the code of its host', async () => {
    plan([good, ...Array<Answer>(60).fill(reply('502 Bad Gateway'))]);
    await toTheEnd();
    const failed = batch.lines().filter(({ outcome }) => outcome === 'failed');
    expect(failed).toHaveLength(60);
    for (const line of failed) expect(line).toMatchObject({ code: 'http_502', retryable: true });
    const unasked = failed.filter(({ requests, status }) => requests === 0 && status === null);
    expect(unasked.length).toBeGreaterThan(0);
    for (const { detail } of unasked) expect(detail).toMatch(/^not asked: the host was given up/);
  });
});
