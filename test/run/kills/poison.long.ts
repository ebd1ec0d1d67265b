/**
 * An image whose answer kills the worker each time: only this image fails, with `poison`, and the
 * rest of the run completes. (O18)
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { misbehaviourOf } from '../../../src/demo/misbehaviour';
import { Pipeline, type Command } from '../../helpers/runs/pipeline';

const COUNT = 60;
const INJECTOR = path.join(__dirname, '../../helpers/failures/killed-by-an-answer.cjs');

/** The most restarts that a process manager would do. */
const MOST_RESTARTS = 20;

let pipeline: Pipeline;
let poisonFile: string;
let restarts = 0;
let isOver = false;
beforeAll(async () => {
  const names = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-poison-'));
  poisonFile = path.join(names, 'paths');
  pipeline = await Pipeline.create({
    NODE_OPTIONS: `--require ${INJECTOR}`,
    POISON_FILE: poisonFile,
  });
});
afterAll(async () => {
  isOver = true;
  await pipeline.dispose();
  fs.rmSync(path.dirname(poisonFile), { recursive: true });
});

/** Starts the workers again whenever they end. */
async function supervise(first: Command): Promise<void> {
  for (let up = first; ; restarts += 1) {
    await up.finished;
    if (isOver || restarts === MOST_RESTARTS) return;
    up = pipeline.start('up');
  }
}

/** Two innocent ids, not next to each other, that are to become poison. */
function poisonIn(catalog: string): readonly [string, string] {
  const lines = fs.readFileSync(path.join(pipeline.root, catalog), 'utf8').split('\n').slice(1);
  const ids = lines.map((line) => line.split(',')[0] ?? '');
  const good = ids.filter((id) => id !== '' && misbehaviourOf(id) === 'none');
  const [first, second] = [good[8], good[30]];
  if (first === undefined || second === undefined) throw new Error('the catalog is too short');
  return [first, second];
}

interface State {
  readonly source_image_id: string;
  readonly state: string;
  readonly code: string | null;
}

function unexpected(states: readonly State[], poison: readonly string[]): readonly State[] {
  return states.filter(({ source_image_id: id, state, code }) => {
    if (poison.includes(id)) return code !== 'poison';
    return state !== 'stored' && !['not_found', 'html'].includes(misbehaviourOf(id));
  });
}

it('an image that kills workers fails after a bounded number of requests and deaths while the rest is stored', async () => {
  const catalog = await pipeline.writeCatalog(COUNT);
  const poison = poisonIn(catalog);
  fs.writeFileSync(
    poisonFile,
    poison.map((id) => `/thumbs/${encodeURIComponent(id)}.jpg`).join('\n'),
  );
  void supervise(await pipeline.up());
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', 'poison'],
    ...['--task-queue', 'artemis-pipeline', '--input', JSON.stringify({ catalog })],
  );
  const { runId } = await pipeline.when((run) => run.state === 'completed', 120);
  expect(pipeline.summary(runId).codes).toMatchObject({ poison: poison.length });
  expect(restarts).toBe(2);
  const states = await pipeline.query<State>('SELECT * FROM image_state');
  expect(states).toHaveLength(COUNT);
  expect(unexpected(states, poison)).toEqual([]);
  const retryable = "SELECT 1 FROM image WHERE last_error_code = 'poison' AND last_error_retryable";
  expect(await pipeline.query(retryable)).toEqual([]);
  for (const id of poison)
    expect(pipeline.origin.requests().filter((one) => one === id).length).toBeLessThanOrEqual(5);
  await pipeline.expectFine('verify', '--deep');
  fs.rmSync(poisonFile);
  const file = path.join('data', catalog);
  const before = pipeline.origin.requests().length;
  await pipeline.run('run', file, '--select', 'failed');
  const after = await pipeline.query<State>('SELECT * FROM image_state');
  expect(unexpected(after, [])).toEqual([]);
  expect(pipeline.origin.requests().slice(before)).toEqual(expect.arrayContaining([...poison]));
  await pipeline.expectFine('verify', '--deep');
}, 180_000);
