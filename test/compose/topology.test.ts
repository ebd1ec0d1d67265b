/**
 * The topology of docker-compose.yml without Docker. Each worker service is a process that is
 * started with the command in that file.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { Pipeline, type Command } from '../helpers/runs/pipeline';

const PREFIX = 'artemis-compose';
const project = path.join(__dirname, '../..');

interface Service {
  readonly command?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
}

const { services } = parse(fs.readFileSync(path.join(project, 'docker-compose.yml'), 'utf8'), {
  merge: true,
}) as { readonly services: Readonly<Record<string, Service>> };
const workers = Object.entries(services).filter(([, { command }]) => command?.[0] === 'worker');

/** The number of processes, as with `docker compose up --scale download=2`. */
function replicas(service: string): number {
  return service === 'download' ? 2 : 1;
}

async function startService(pipeline: Pipeline, words: readonly string[]): Promise<Command> {
  const command = pipeline.start(...words);
  await command.says('workers are ready');
  return command;
}

it('the Compose topology completes a run, answers its health checks, and stops within its grace period', async () => {
  const pipeline = await Pipeline.create({ ARTEMIS_QUEUE_PREFIX: PREFIX });
  try {
    const server = await pipeline.up();
    server.kill('SIGINT');
    await server.finished;
    const started: Command[] = [];
    for (const [name, { command }] of workers) {
      for (let replica = 0; replica < replicas(name); replica += 1)
        started.push(await startService(pipeline, command ?? []));
    }
    const catalog = await pipeline.writeCatalog(200);
    const hosts = { default: { connections: 8, requestsPerSecond: 200 } };
    await pipeline.expectFine(
      ...['temporal', 'workflow', 'start', '--type', 'runPipeline', '--workflow-id', 'composed'],
      ...['--task-queue', `${PREFIX}-pipeline`, '--input', JSON.stringify({ catalog, hosts })],
    );
    for (const [, { healthcheck }] of workers) {
      const [, program, script, ...words] = healthcheck?.test ?? [];
      expect([program, script]).toEqual(['node', 'bin/artemis-pipeline.js']);
      await pipeline.expectFine(...words);
    }
    const { runId } = await pipeline.when((run) => run.state === 'completed');
    expect(pipeline.summary(runId).counts).toMatchObject({ images: 200, pending: 0 });
    await pipeline.expectFine('verify', '--deep');
    // `docker compose stop` sends the same signal.
    for (const command of started) command.kill('SIGTERM');
    for (const command of started) expect((await command.finished).code).toBe(0);
  } finally {
    await pipeline.dispose();
  }
});
