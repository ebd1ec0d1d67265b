/**
 * A batch on a disk that takes 20 ms for each sync and 5 ms for each change of a name. Its event
 * loop does not wait for the disk, and it downloads at nearly the same rate. What is measured is
 * the sum of these waits: bench/slow-disk.mjs measures the delay of the event loop, which has other
 * causes too on a busy machine.
 */
import fs from 'node:fs';
import path from 'node:path';
import { byBuild, canTrace, onSlowDisk, type TracedEnd } from '../files/traced-batch';
import { picture } from '../helpers/images/images';
import { reply } from '../helpers/hosts/lying-server';
import { entryOf, forEachTest, type Scene } from './batch-fixture';

const COUNT = 300;
const DIST = path.join(__dirname, '../../dist');

/** Requests are limited to a rate that any machine has, so that only the disk can lower it. */
const input = {
  budgets: { default: { connections: 16, requestsPerSecond: 60 } },
  verify: 'signature' as const,
};

/** Every twentieth body is as large as a scan. */
const LARGE_BYTES = 6_000_000;

let scene: Scene;
forEachTest((opened) => {
  scene = opened;
});

type Work = ReturnType<typeof byBuild>;

/** Images per second, from the first ledger line to the last. */
async function rateOf(work: (note: (end: TracedEnd) => void) => Work): Promise<number> {
  const { batch } = scene;
  const ends: TracedEnd['answer'][] = [];
  await batch.run({ input, work: work(({ answer }) => ends.push(answer)) });
  expect(ends).toMatchObject([{ stored: COUNT }]);
  const times = batch.lines().map(({ at }) => Date.parse(at));
  return ((COUNT - 1) * 1_000) / (Math.max(...times) - Math.min(...times));
}

async function planImages(): Promise<void> {
  const { server, batch } = scene;
  const names = Array.from({ length: COUNT }, (_, n) => `/${n}`);
  for (const [seed, name] of names.entries()) {
    const whole = await picture('jpeg', { seed });
    const rest = Buffer.alloc(seed % 20 === 19 ? LARGE_BYTES : 0);
    server.answer(name, reply('200 OK', {}, Buffer.concat([whole, rest])));
  }
  batch.plan(names.map((name) => entryOf(`http://127.0.0.1:${server.port}${name}`)));
}

/** For how long, in ms, the first thread of the process waited for the disk in all. */
function waitOfFirstThread(log: string): number {
  const lines = fs.readFileSync(log, 'utf8').split('\n');
  const [first = ''] = lines[0]?.split(' ') ?? [];
  const own = lines.filter((line) => line.startsWith(`${first} `) && !line.includes('resumed>'));
  expect(lines.length).toBeGreaterThan(4 * COUNT);
  // It makes the folder of the ledger durable before the first request.
  expect(own.some((line) => line.includes('/ledger'))).toBe(true);
  return own.reduce((sum, line) => sum + (/ (fsync|fdatasync|syncfs)\(/.test(line) ? 20 : 5), 0);
}

(canTrace ? describe : describe.skip)('a batch on a slow disk', () => {
  it('has four fifths of the rate of one on a quick disk, and its event loop never waits for longer than 250 ms in all', async () => {
    await planImages();
    const quick = await rateOf((note) => byBuild(DIST, note));
    const { batch } = scene;
    fs.rmSync(path.join(batch.root, 'raw'), { recursive: true });
    for (const file of batch.ledgerFiles()) fs.rmSync(file);
    const log = path.join(batch.root, 'calls.log');
    const slow = await rateOf((note) => onSlowDisk(log, note));
    expect(slow / quick).toBeGreaterThanOrEqual(0.8);
    expect(waitOfFirstThread(log)).toBeLessThanOrEqual(250);
  });
});
