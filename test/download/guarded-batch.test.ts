/** When a batch is isolated: after two attempts that died, and only a few at once. */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DownloadBatchResult } from '../../src/contract/payloads';
import { createGuardedBatches } from '../../src/download/isolation/guarded-batch';
import { NoRoomIsolated } from '../../src/download/isolation/no-room-isolated';
import { noteExecution } from '../../src/files/run/execution-note';
import { picture } from '../helpers/images/images';
import { reply, type LyingServer } from '../helpers/hosts/lying-server';
import { until } from '../helpers/until';
import { type BatchFixture, LANE, RUN, entryOf, forEachTest } from './batch-fixture';

const AT_ONCE = 4;

let server: LyingServer;
let batch: BatchFixture;
forEachTest((scene) => ({ server, batch } = scene));

/** The notes of attempts that died. */
function die(dispatch: number, times: number): void {
  for (let nth = 0; nth < times; nth += 1)
    noteExecution({ root: batch.root, runId: RUN, lane: LANE, dispatch });
}

function notes(): readonly string[] {
  return fs.readdirSync(path.join(batch.root, 'runs', RUN, 'executions', LANE));
}

it('a batch is isolated after two deaths and not after one, is retried when there is no room, and leaves no note', async () => {
  let isServed = false;
  const served = (): boolean => isServed;
  const image = reply('200 OK', {}, await picture('jpeg'));
  server.answer('/x', (socket, request) => {
    const answerOnce = async (): Promise<void> => {
      while (!served()) await delay(20);
      image(socket, request);
    };
    void answerOnce();
  });
  batch.plan([entryOf(`http://127.0.0.1:${server.port}/x`)]);
  const work = createGuardedBatches();
  const run = (dispatch: number): Promise<DownloadBatchResult> =>
    batch.run({ work, input: { dispatch, previousDispatch: dispatch } });
  for (let dispatch = 1; dispatch <= AT_ONCE + 1; dispatch += 1) die(dispatch, 2);
  die(AT_ONCE + 2, 1);
  const apart = Array.from({ length: AT_ONCE }, (_, index) => run(index + 1));
  await until(() => server.requests.length >= AT_ONCE, {
    within: 60,
    every: 20,
    saying: 'as many requests as may be at once',
  });
  await expect(run(AT_ONCE + 1)).rejects.toBeInstanceOf(NoRoomIsolated);
  const within = run(AT_ONCE + 2);
  await until(() => server.requests.length > AT_ONCE, {
    within: 60,
    every: 20,
    saying: 'one request more',
  });
  isServed = true;
  const results = await Promise.all([...apart, within]);
  expect(results.map(({ stored }) => stored)).toEqual(results.map(() => 1));
  await expect(run(AT_ONCE + 1)).resolves.toMatchObject({ place: null });
  expect(notes()).toEqual([]);
});
