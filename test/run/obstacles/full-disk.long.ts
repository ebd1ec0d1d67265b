/**
 * A disk that is really full, of bytes or of inodes, during a run: the run parks, reports it, and
 * continues when there is space. (F1, F2)
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Pipeline } from '../../helpers/runs/pipeline';
import { until } from '../../helpers/until';

const COUNT = 300;
const HOSTS = { default: { connections: 4, requestsPerSecond: 40 } };
const canMount = process.platform === 'linux' && process.getuid?.() === 0;

/** Each case has a prefix of its own, so a run that fails to end does not affect another case. */
let prefix = 'artemis-full';
let disk: string;
/**
 * Its server is on another disk, because the tests do not cover what Temporal does on a full one.
 */
let elsewhere: Pipeline;
let pipeline: Pipeline;
beforeAll(async () => {
  if (!canMount) return;
  elsewhere = await Pipeline.create({ ARTEMIS_QUEUE_PREFIX: 'artemis-elsewhere' });
  await elsewhere.up();
}, 60_000);
afterAll(async () => {
  if (canMount) await elsewhere.dispose();
});
beforeEach(async () => {
  if (!canMount) return;
  prefix += 'l';
  disk = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m,nr_inodes=6000', 'tmpfs', disk]);
  pipeline = await Pipeline.create(
    {
      ...{ ARTEMIS_QUEUE_PREFIX: prefix, ARTEMIS_MIN_FREE_BYTES: '0' },
      TEMPORAL_ADDRESS: elsewhere.server().address,
    },
    (folder) => {
      fs.symlinkSync(disk, path.join(folder, 'data'));
      return Promise.resolve([]);
    },
  );
});
afterEach(async () => {
  if (!canMount) return;
  await pipeline.dispose();
  execFileSync('umount', [disk]);
  fs.rmdirSync(disk);
});

/** Fills the disk to its last byte. */
function fillBytes(folder: string): void {
  const file = fs.openSync(path.join(folder, 'ballast'), 'w');
  try {
    for (;;) fs.writeSync(file, Buffer.alloc(4_096, 1));
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  } finally {
    fs.closeSync(file);
  }
}

function fillInodes(folder: string): void {
  try {
    for (let n = 0; ; n += 1) fs.writeFileSync(path.join(folder, String(n)), '');
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  }
}

(canMount ? describe : describe.skip)('a disk that is full', () => {
  it.each([
    ['space', fillBytes],
    ['inodes', fillInodes],
  ])(
    'without %s parks the run with disk_full, which says what to do, and retryStep does the rest',
    async (what, fill) => {
      const id = `${prefix}-run`;
      await pipeline.start('worker').says('workers are ready');
      const catalog = await pipeline.writeCatalog(COUNT);
      await elsewhere.temporal(
        ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', id],
        ...['--task-queue', `${prefix}-pipeline`],
        ...['--input', JSON.stringify({ catalog, hosts: HOSTS })],
      );
      await pipeline.when(({ stored }) => stored >= 60);
      const ballast = path.join(disk, 'ballast');
      fs.mkdirSync(ballast);
      fill(ballast);
      const describeRun = (): Promise<string> =>
        elsewhere.temporal('workflow', 'metadata', '--workflow-id', id);
      const deadline = Date.now() + 120_000;
      while (!(await describeRun()).includes('**parked**') && Date.now() < deadline);
      const page = await describeRun();
      expect(page).toContain('disk_full');
      expect(page).toContain('retryStep');
      const { stored } = await pipeline.when(() => true);
      expect(stored).toBeLessThan(COUNT);
      // What the run removed when it parked may have left some.
      fill(ballast);
      expect(await pipeline.expectFine('status')).toContain(`FULL, no ${what} left`);

      fs.rmSync(ballast, { recursive: true });
      await elsewhere.temporal(
        ...['workflow', 'update', 'execute', '--workflow-id', id],
        ...['--name', 'retryStep', '--input', '{"step":"download"}'],
      );
      const { runId } = await pipeline.when((run) => run.state === 'completed', 120);
      expect(pipeline.summary(runId).counts).toMatchObject({ images: COUNT, pending: 0 });
      await pipeline.expectFine('verify', '--deep');
      expect(fs.readdirSync(path.join(disk, 'tmp'))).toEqual([]);
    },
    300_000,
  );

  it('to its last byte parks a run that computes features, and retryStep does the rest', async () => {
    const id = `${prefix}-features`;
    await pipeline.start('worker').says('workers are ready');
    const catalog = await pipeline.writeCatalog(COUNT);
    const startRun = (workflowId: string, input: object): Promise<string> =>
      elsewhere.temporal(
        ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', workflowId],
        ...['--task-queue', `${prefix}-pipeline`, '--input', JSON.stringify(input)],
      );
    await startRun(`${prefix}-download`, { catalog });
    await pipeline.whenRunOf(`${prefix}-download`, ({ state }) => state === 'completed');
    await startRun(id, { catalog, steps: ['features', 'publish'] });
    await pipeline.whenRunOf(id, ({ step }) => step?.name === 'features');
    const ballast = path.join(disk, 'ballast');
    fs.mkdirSync(ballast);
    fillBytes(ballast);
    const describeRun = (): Promise<string> =>
      elsewhere.temporal('workflow', 'metadata', '--workflow-id', id);
    await until(async () => (await describeRun()).includes('**parked**'), {
      within: 120,
      saying: 'the run is parked',
    });
    fs.rmSync(ballast, { recursive: true });
    // Its progress is recorded when there is room.
    const { step } = await pipeline.whenRunOf(id, ({ state }) => state === 'parked');
    await elsewhere.temporal(
      ...['workflow', 'update', 'execute', '--workflow-id', id],
      ...['--name', 'retryStep', '--input', JSON.stringify({ step: step?.name })],
    );
    const { features } = await pipeline.whenRunOf(id, ({ state }) => state === 'completed');
    expect(features).toMatchObject({ failed: 0 });
    await pipeline.expectFine('verify', '--deep');
  }, 300_000);
});
