/**
 * Waits that hosts ask for, in workers whose clock is an hour off the server's: `npm run clocks`.
 * (O19)
 */
import fs from 'node:fs';
import path from 'node:path';
import { picture } from '../../helpers/images/images';
import { reply, startLyingServer } from '../../helpers/hosts/lying-server';
import { Pipeline } from '../../helpers/runs/pipeline';

const MOVED_CLOCK = path.join(__dirname, '../../helpers/failures/moved-clock.cjs');
const HOUR_MS = 3_600_000;

/** Longer than a batch itself waits, so that the workflow's timer waits. In seconds. */
const WAIT = 32;

/** The time that the workflow and a busy machine may add, in milliseconds. */
const SLACK_MS = 15_000;

/** The date is that of the host's own clock, which is right. */
const asDate = (): string => new Date(Date.now() + WAIT * 1_000).toUTCString();

it.each([
  ['seconds', HOUR_MS, (): string => String(WAIT)],
  ['seconds', -HOUR_MS, (): string => String(WAIT)],
  ['a date', HOUR_MS, asDate],
  ['a date', -HOUR_MS, asDate],
])(
  'a Retry-After in %s lasts as long as the host asked for when the workers’ clock is moved by %i ms',
  async (_what, moved, retryAfter) => {
    const server = await startLyingServer();
    const pipeline = await Pipeline.create({
      ARTEMIS_ALLOW_PRIVATE_HOSTS: `127.0.0.1:${server.port}`,
      NODE_OPTIONS: `--require ${MOVED_CLOCK}`,
      CLOCK_MOVE_MS: String(moved),
    });
    try {
      const asked: number[] = [];
      const image = reply('200 OK', {}, await picture('jpeg'));
      server.answer('/x', (socket, request) => {
        asked.push(Date.now());
        const date = new Date().toUTCString();
        const wait = reply('503 Service Unavailable', { date, 'retry-after': retryAfter() });
        (request.before === 0 ? wait : image)(socket, request);
      });
      const up = await pipeline.up();
      up.kill('SIGUSR2');
      fs.mkdirSync(path.join(pipeline.root, 'catalogs'), { recursive: true });
      const row = `x,http://127.0.0.1:${server.port}/x`;
      fs.writeFileSync(path.join(pipeline.root, 'catalogs/c.csv'), `id,url\n${row}\n`);
      await pipeline.temporal(
        ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', 'clocks'],
        ...['--task-queue', 'artemis-pipeline', '--input', '{"catalog":"catalogs/c.csv"}'],
      );
      const { stored } = await pipeline.when((run) => run.state === 'completed', 120);
      expect(stored).toBe(1);
      expect(asked).toHaveLength(2);
      const [first = 0, second = 0] = asked;
      // Dates have whole seconds.
      expect(second - first).toBeGreaterThanOrEqual(WAIT * 1_000 - 1_500);
      expect(second - first).toBeLessThan(WAIT * 1_000 + SLACK_MS);
      await pipeline.expectFine('verify', '--deep');
    } finally {
      await pipeline.dispose();
      await server.close();
    }
  },
  180_000,
);
