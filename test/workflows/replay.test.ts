/**
 * Old runs with new code: every recorded history replays, and a changed order of commands is
 * noticed.
 */
import fs from 'node:fs';
import path from 'node:path';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Runtime, Worker } from '@temporalio/worker';
import { createLogger } from '../../src/log';
import { sdkLogger } from '../../src/telemetry/sdk-logger';

/** The workflows as the build bundles them, which is what a worker runs. */
const BUNDLE = path.join(__dirname, '../../dist/workflow-bundle.js');
const FOLDER = path.join(__dirname, 'histories');
const names = fs.readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const logger = sdkLogger(createLogger({ level: 'silent', pretty: false }));
Runtime.install({ logger, telemetryOptions: { logging: { filter: 'OFF', forward: {} } } });

/** Replays histories one after another in one worker, which takes a second to start. */
async function replayAll(
  code: string,
  files: readonly string[],
): Promise<ReadonlyMap<string, Error | undefined>> {
  const histories = files.map((name) => ({
    // The child's id is derived from the workflow's own.
    workflowId: name.split('.')[0] ?? '',
    history: JSON.parse(fs.readFileSync(path.join(FOLDER, name), 'utf8')) as unknown,
  }));
  const errors = new Map<string, Error | undefined>();
  const results = Worker.runReplayHistories({ workflowBundle: { code } }, histories);
  for await (const { error } of results) errors.set(files[errors.size] ?? '', error);
  return errors;
}

/** Replays the history of a completed run with changed workflows. */
async function replayChanged(edit: Edit): Promise<Error | undefined> {
  const before = fs.readFileSync(BUNDLE, 'utf8');
  const errors = await replayAll(edit(before), ['completed.1.json']);
  expect([...errors.keys()]).toEqual(['completed.1.json']);
  return errors.get('completed.1.json');
}

type Edit = (bundle: string) => string;

/** Replaces a text that is in the bundle exactly once. */
function replaceOnce(bundle: string, from: string, to: string): string {
  expect(bundle.split(from)).toHaveLength(2);
  return bundle.replace(from, to);
}

const withReorderedSteps: Edit = (bundle) =>
  replaceOnce(
    replaceOnce(bundle, `name: 'ingest', needs: []`, `name: 'ingest', needs: ['download']`),
    `name: 'download', needs: ['ingest']`,
    `name: 'download', needs: []`,
  );

/** Adds a timer before each step. A timer is a new command, as a new activity would be. */
const withAddedTimer =
  (guard: string): Edit =>
  (bundle) =>
    replaceOnce(
      bundle,
      'await runSkippable(step, context);',
      `${guard} await workflow_1.sleep(1);\n await runSkippable(step, context);`,
    );

describe('recorded histories', () => {
  let errors: ReadonlyMap<string, Error | undefined>;
  beforeAll(async () => {
    errors = await replayAll(fs.readFileSync(BUNDLE, 'utf8'), names);
  });

  it('exist for every way in which a run may end or be steered', () => {
    const kinds = ['completed', 'retried', 'failed', 'cancelled', 'blocked'];
    kinds.push('skipped', 'undecided', 'aborted', 'steered', 'reset');
    for (const kind of kinds) expect(names).toContain(`${kind}.1.json`);
    for (const child of ['cancelled-download', 'steered-download', 'reset'])
      expect(names).toContain(`${child}.2.json`);
  });

  it.each(names)('%s replays', (name) => {
    expect([...errors.keys()]).toContain(name);
    expect(errors.get(name)).toBeUndefined();
  });

  it('do not replay when the order of the steps is changed', async () => {
    expect(await replayChanged(withReorderedSteps)).toBeInstanceOf(DeterminismViolationError);
  });

  it('do not replay when a command is added, and do when it is guarded by patched()', async () => {
    expect(await replayChanged(withAddedTimer(''))).toBeInstanceOf(DeterminismViolationError);
    const guarded = withAddedTimer("if (workflow_1.patched('moment'))");
    expect(await replayChanged(guarded)).toBeUndefined();
  });
});
