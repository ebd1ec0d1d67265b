/**
 * What a run prints can be pasted into another shell, and a proxy in the environment does not stand
 * between the commands and the data root's own server.
 */
import fs from 'node:fs';
import path from 'node:path';
import { Pipeline } from '../helpers/runs/pipeline';

/** Nothing listens there. */
const DEAD_PROXY = 'http://127.0.0.1:9';

const PREFIX = 'artemis-printed';
const ID = "the trust's";

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await Pipeline.create({
    ARTEMIS_QUEUE_PREFIX: PREFIX,
    http_proxy: DEAD_PROXY,
    https_proxy: DEAD_PROXY,
  });
});
afterAll(() => pipeline.dispose());

/** The line of a text that contains the words, without what is around the command. */
function commandIn(text: string, words: string): string {
  const joined = text.replaceAll(' \\\n  ', ' ');
  const line = joined.split('\n').find((one) => one.includes(words)) ?? '';
  return (/\(with "(.*)" running/.exec(line)?.[1] ?? line).trim();
}

it('a parked run prints commands that start workers for it and retry it, from any folder', async () => {
  const catalog = path.join('data', await pipeline.writeCatalog(3));
  const wal = path.join(pipeline.root, 'warehouse.duckdb.wal');
  fs.writeFileSync(wal, 'junk');
  const parked = await pipeline.run('run', catalog, '--workflow-id', ID);
  expect(parked.code).toBe(7);
  expect(commandIn(parked.stderr, 'temporal workflow start')).toContain(`${PREFIX}-pipeline`);
  const { address } = pipeline.server();
  if (!address.endsWith(':7233')) expect(parked.stderr).toContain(`--address ${address}`);

  fs.rmSync(wal, { force: true });
  const up = pipeline.startPasted(commandIn(parked.stderr, 'running in another terminal'));
  await up.says('workers are ready');
  const retry = commandIn(parked.stderr, '--name retryStep');
  expect(await pipeline.startPasted(retry).finished).toMatchObject({ code: 0 });
  await pipeline.when(({ state }) => state === 'completed');

  const described = await pipeline.startPasted(
    `artemis-pipeline temporal workflow describe --workflow-id "${ID}" --data=${pipeline.root} -o json`,
  ).finished;
  expect(described).toMatchObject({ code: 0, stdout: expect.stringContaining(ID) as string });
  up.kill('SIGKILL');
});
