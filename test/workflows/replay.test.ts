/**
 * Old runs with new code: every recorded history replays, and a changed order of commands is
 * noticed.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Runtime, Worker, bundleWorkflowCode, type WorkflowBundle } from '@temporalio/worker';
import { createLogger } from '../../src/log';
import { sdkLogger } from '../../src/telemetry/sdk-logger';

const project = path.join(__dirname, '../..');
const FOLDER = path.join(__dirname, 'histories');
const names = fs.readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const logger = sdkLogger(createLogger({ level: 'silent', pretty: false }));
Runtime.install({ logger, telemetryOptions: { logging: { filter: 'OFF', forward: {} } } });

function bundle(folder: string): Promise<WorkflowBundle> {
  const workflowsPath = path.join(folder, 'src/workflows/index.ts');
  return bundleWorkflowCode({ workflowsPath, logger });
}

async function replay(workflowBundle: WorkflowBundle, name: string): Promise<void> {
  const history: unknown = JSON.parse(fs.readFileSync(path.join(FOLDER, name), 'utf8'));
  // The child's id is derived from the workflow's own.
  await Worker.runReplayHistory({ workflowBundle }, history, name.split('.')[0]);
}

type Edit = (before: string) => string;

/** Bundles the project's workflows with one file changed. */
async function changedBundle(changed: string, edit: Edit): Promise<WorkflowBundle> {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-replay-'));
  try {
    fs.cpSync(path.join(project, 'src'), path.join(copy, 'src'), { recursive: true });
    fs.symlinkSync(path.join(project, 'node_modules'), path.join(copy, 'node_modules'));
    const file = path.join(copy, 'src/workflows', changed);
    const before = fs.readFileSync(file, 'utf8');
    const after = edit(before);
    expect(after).not.toBe(before);
    fs.writeFileSync(file, after);
    return await bundle(copy);
  } finally {
    fs.rmSync(copy, { recursive: true });
  }
}

const withReorderedSteps: Edit = (steps) =>
  steps
    .replace(`name: 'ingest', needs: []`, `name: 'ingest', needs: ['download']`)
    .replace(`name: 'download', needs: ['ingest']`, `name: 'download', needs: []`);

/** Has a step wait a moment before it runs. That is a new command, as any new activity would be. */
const withAddedTimer =
  (guard: string): Edit =>
  (step) =>
    step
      .replace('import { ', 'import { patched, sleep, ')
      .replace('await runSkippable(', `${guard} await sleep(1);\n      await runSkippable(`);

describe('recorded histories', () => {
  let current: WorkflowBundle;
  beforeAll(async () => {
    current = await bundle(project);
  });

  it('exist for every way in which a run may end or be steered', () => {
    const kinds = ['completed', 'retried', 'failed', 'cancelled', 'blocked'];
    kinds.push('skipped', 'undecided', 'aborted', 'steered', 'reset');
    for (const kind of kinds) expect(names).toContain(`${kind}.1.json`);
    for (const child of ['cancelled-download', 'steered-download', 'reset'])
      expect(names).toContain(`${child}.2.json`);
  });

  it.each(names)('%s replays', async (name) => {
    await replay(current, name);
  });

  it('do not replay when the order of the steps is changed', async () => {
    const reordered = await changedBundle('run/steps.ts', withReorderedSteps);
    await expect(replay(reordered, 'completed.1.json')).rejects.toThrow(DeterminismViolationError);
  });

  it('do not replay when a command is added, and do when it is guarded by patched()', async () => {
    const added = await changedBundle('run/run-step.ts', withAddedTimer(''));
    await expect(replay(added, 'completed.1.json')).rejects.toThrow(DeterminismViolationError);
    const guarded = await changedBundle(
      'run/run-step.ts',
      withAddedTimer("if (patched('moment'))"),
    );
    await replay(guarded, 'completed.1.json');
  });
});
