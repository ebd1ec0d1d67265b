/**
 * A download process is killed after it gave images their final names, before these were durable.
 * The next process finds the names taken, and writes its lines. Then the machine loses its power.
 */
import fs from 'node:fs';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { imagePath } from '../../src/files/image-store/image-name';
import { byBuild, canTrace, traced, type TracedEnd } from '../files/traced-batch';
import { brokenBuild, type Build } from '../helpers/builds/broken-build';
import { canCutDisks, CuttableDisk } from '../helpers/failures/cuttable-disk';
import { picture } from '../helpers/images/images';
import { reply, startLyingServer, type LyingServer } from '../helpers/hosts/lying-server';
import { seededNumbers } from '../helpers/seeded-random';
import { BatchFixture, entryOf } from './batch-fixture';

const COUNT = 24;
const input = {
  budgets: { default: { connections: 24, requestsPerSecond: 500 } },
  verify: 'signature' as const,
};
const DIST = path.join(__dirname, '../../dist');

/** With a journal, the flush of the ledger would make all older names durable too. */
const INSIDE = 'ext4 without a journal';

let broken: Build;
beforeAll(() => {
  // Before the disk is there: after 30 s the kernel writes everything to it, whoever asked for it.
  broken = brokenBuild('no-flush-of-taken-name');
});
afterAll(() => {
  broken.remove();
});

let server: LyingServer;
let batch: BatchFixture;
let disk: CuttableDisk;
beforeEach(async () => {
  server = await startLyingServer();
  batch = new BatchFixture(server.port);
  disk = CuttableDisk.create(batch.root, INSIDE);
  const names = Array.from({ length: COUNT }, (_, n) => `/${n}`);
  for (const [seed, name] of names.entries())
    server.answer(name, reply('200 OK', {}, await picture('jpeg', { seed })));
  batch.plan(names.map((name) => entryOf(`http://127.0.0.1:${server.port}${name}`)));
  for (const folder of ['tmp', 'raw/images/thumbs'])
    fs.mkdirSync(path.join(batch.root, folder), { recursive: true });
  execFileSync('sync', ['--file-system', batch.root]);
});
afterEach(async () => {
  disk.dispose();
  await batch.dispose();
  await server.close();
});

/**
 * Runs a batch that is killed when it would sync the first folder. The first image, which comes
 * alone as the first contact with its host, is left out.
 */
async function leaveNamesThatAreNotDurable(): Promise<void> {
  const paths = Array.from({ length: COUNT - 1 }, (_, n) => {
    const file = imagePath({ id: `/${n + 1}`, sha256: '', extension: 'jpg' });
    return path.join(batch.root, path.dirname(file));
  });
  const ends: TracedEnd['answer'][] = [];
  const injection = { calls: 'fsync', nth: 1, what: 'signal=KILL', paths };
  await batch.run({ input, work: traced(injection, ({ answer }) => ends.push(answer)) });
  expect(ends).toEqual([null]);
  expect(batch.files().length).toBeGreaterThan(batch.lines().length);
}

/**
 * Runs a batch of a build to its end, and cuts the power.
 *
 * @returns the images in the ledger of that batch whose file is missing or damaged.
 */
async function lostAfterCut(dist: string): Promise<readonly string[]> {
  await leaveNamesThatAreNotDurable();
  const ends: TracedEnd['answer'][] = [];
  await batch.run({ input, work: byBuild(dist, ({ answer }) => ends.push(answer)) });
  const next = seededNumbers(1);
  disk.restore(disk.cut('flushed', () => next() / 2 ** 24));
  // The ledger of the killed batch was not durable.
  const stored = batch.lines().filter(({ dispatch }) => dispatch === 2);
  expect(ends).toMatchObject([{ stored: stored.length, failed: 0, place: null }]);
  return stored.flatMap(({ path: relative, sha256 }) => {
    const file = path.join(batch.root, relative ?? '');
    return fs.existsSync(file) && sha256Of(file) === sha256 ? [] : [file];
  });
}

function sha256Of(file: string): string {
  return createHash('sha256').update(fs.readFileSync(file)).digest('hex');
}

(canTrace && canCutDisks(INSIDE) ? describe : describe.skip)(
  'a power cut after a batch that found names of a killed process',
  () => {
    it('leaves every image of its ledger', async () => {
      expect(await lostAfterCut(DIST)).toEqual([]);
    });

    it('loses images when the build does not flush names that it finds taken', async () => {
      expect(await lostAfterCut(broken.dist)).not.toEqual([]);
    });
  },
);
