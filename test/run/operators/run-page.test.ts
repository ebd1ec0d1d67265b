/** What Temporal's own CLI and Web UI show of a run, including a queue that no worker serves. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Pipeline, type Command } from '../../helpers/runs/pipeline';

const PREFIX = 'artemis-page';
const WORKER = `ARTEMIS_QUEUE_PREFIX=${PREFIX} artemis-pipeline worker --queues`;
const SLOW = { default: { connections: 2, requestsPerSecond: 20 } };
const QUICK = { default: { connections: 8, requestsPerSecond: 200 } };

let pipeline: Pipeline;
let plan: Command;
beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer({
    ARTEMIS_QUEUE_PREFIX: PREFIX,
    ARTEMIS_LATE_SECONDS: '2',
  });
  await worker('pipeline,warehouse');
});
afterAll(() => pipeline.dispose());

async function worker(queues: string): Promise<Command> {
  const command = pipeline.start('worker', '--queues', queues);
  await command.says('workers are ready');
  return command;
}

async function start(workflowId: string, input: object): Promise<void> {
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', workflowId],
    ...['--task-queue', `${PREFIX}-pipeline`, '--input', JSON.stringify(input)],
  );
}

/** Waits until `isSo` is true for the current details. */
async function pageThat(
  workflowId: string,
  what: string,
  isSo: (page: string) => boolean,
): Promise<string> {
  const deadline = Date.now() + 40_000;
  for (;;) {
    const { code, stdout } = await pipeline.runTemporal(
      ...['workflow', 'metadata', '--workflow-id', workflowId],
    );
    if (code === 0 && isSo(stdout)) return stdout.replaceAll('\u00a0', '');
    if (Date.now() > deadline) throw new Error(`not seen in time: ${what}: ${stdout}`);
    await delay(250);
  }
}

function pageThatSays(workflowId: string, words: string): Promise<string> {
  return pageThat(workflowId, words, (page) => page.includes(words));
}

/**
 * Waits until the search attribute finds these runs. The visibility store is updated a little
 * later.
 */
async function listed(state: string, expected: readonly string[]): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const text = await pipeline.temporal(
      ...['workflow', 'list', '--query', `ArtemisState="${state}"`, '-o', 'json'],
    );
    const runs = JSON.parse(text) as readonly { execution: { workflowId: string } }[];
    const ids = runs.map(({ execution }) => execution.workflowId).sort();
    if (JSON.stringify(ids) === JSON.stringify(expected)) return;
    if (Date.now() > deadline) throw new Error(`${state}: ${ids.join(', ')}`);
    await delay(250);
  }
}

/** Types a command from the details in a shell. */
function type(page: string, name: string): Promise<string> {
  const commands = page.replaceAll(' \\\n  ', ' ').split('\n');
  const line = commands.find((text) => text.includes(`--name ${name}`)) ?? '';
  const words = execFileSync('bash', ['-c', `printf '%s\\0' ${line}`]).toString('utf8');
  const [program, ...rest] = words.split('\0').slice(0, -1);
  expect(program).toBe('temporal');
  return pipeline.temporal(...rest);
}

describe('a queue that no worker serves', () => {
  const id = "nobody's run";

  it('is named by the workflow itself when it is the plan queue, on which diagnoses run', async () => {
    await start(id, { catalog: await pipeline.writeCatalog(40), hosts: QUICK });
    const page = await pageThatSays(id, 'No answer from the queue');
    expect(page).toMatch(/the queue artemis-page-plan for \d+ s: is a worker running\?/);
    expect(page).toContain(`\`\`\`\n${WORKER} plan\n\`\`\``);
  });

  it('is named in the details of the run and its downloads, and by status, with the command', async () => {
    plan = await worker('plan');
    const words = `No worker serves the queue ${PREFIX}-download`;
    const page = await pageThatSays(id, words);
    const command = `${WORKER} download --data ${pipeline.root}`;
    expect(page).toContain(`\`\`\`\n${command}\n\`\`\``);
    expect(page).not.toContain('No answer from the queue');
    expect(await pageThatSays(`${id}-download`, words)).toContain(command);
    const { step } = await pipeline.when((run) => run.step?.detail?.includes(words) === true);
    expect(step?.detail).toContain(command);
  });

  it('is no longer named when a worker has started, and the details say how the run ended', async () => {
    await worker('download');
    await pipeline.when((run) => run.state === 'completed');
    const page = await pageThatSays(id, '**completed**');
    expect(page).not.toMatch(/No worker|No answer|What you can do/);
    expect(page).toMatch(/\| ingest \| completed \| 20\S+ \S+ UTC \| \d+ s \|/);
    expect(page).toMatch(/\| planned \| 40 \|[^]*Last commit: 20/);
    expect((await pipeline.status()).runs[0]?.step).toMatchObject({ code: null, detail: null });
    await listed('completed', [id]);
  });
});

describe('runs that wait', () => {
  it('for an operator are found by their state, and the commands in their details do what they say', async () => {
    const catalog = 'catalogs/later.csv';
    await start('failed', { catalog, onStepFailure: 'fail' });
    await start("a person's", { catalog, hosts: QUICK });
    const page = await pageThatSays("a person's", '**parked**');
    expect(page).toContain('**catalog_missing**');
    await listed('parked', ["a person's"]);
    await listed('failed', ['failed']);
    const there = path.join(pipeline.root, await pipeline.writeCatalog(40));
    fs.copyFileSync(there, path.join(pipeline.root, catalog));
    expect(await type(page, 'retryStep')).toContain('The step ingest is tried again.');
    await pipeline.when((run) => run.workflowId === "a person's" && run.state === 'completed');
    await listed('parked', []);
  });

  it('for the plan queue say so during their downloads, too', async () => {
    await start('first', { catalog: await pipeline.writeCatalog(1_000), hosts: SLOW });
    await pageThatSays('first', 'setHostBudget');
    await pipeline.when((run) => run.workflowId === 'first' && run.stored > 0);
    plan.kill('SIGKILL');
    await pageThatSays('first', `No answer from the queue ${PREFIX}-plan`);
    expect(await pageThatSays('first-download', 'No answer')).toContain('--queues plan');
    plan = await worker('plan');
    await pageThat('first', 'forgets it', (page) => !page.includes('No answer'));
  });

  it('for another run name it and are in the state `waiting`, and a cancelled one says so', async () => {
    const catalog = await pipeline.writeCatalog(1_000);
    await start('second', { catalog, limit: 1, hosts: SLOW });
    const page = await pageThatSays('second', 'The run "first" downloads into this data root');
    expect(page).toContain(`\`\`\`\nartemis-pipeline status first --data ${pipeline.root}\n\`\`\``);
    await listed('waiting', ['second']);
    await pipeline.temporal('workflow', 'cancel', '--workflow-id', 'second');
    await listed('cancelled', ['second']);
    await listed('running', ['first']);
    await pipeline.temporal('workflow', 'cancel', '--workflow-id', 'first');
    await listed('cancelled', ['first', 'second']);
  });
});
