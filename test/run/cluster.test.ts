/**
 * A cluster behind TLS that requires client certificates and an API key, with a namespace of its
 * own and without permission to register search attributes.
 */
import fs from 'node:fs';
import path from 'node:path';
import { freePort } from '../../src/server/embedded/free-ports';
import { startCluster, type Cluster } from '../helpers/cluster/cluster';
import { readMetrics, type MetricsPage } from '../helpers/runs/metrics-page';
import { Pipeline, type Command, type Finished } from '../helpers/runs/pipeline';

const COUNT = 120;
const API_KEY = 'planted-api-key-2';
const SIGNATURE = 'plantedsig3';

let pipeline: Pipeline;
let cluster: Cluster;
let metricsPort: number;
let workers: Command;

beforeAll(async () => {
  pipeline = await Pipeline.create({ ARTEMIS_QUEUE_PREFIX: 'artemis-cluster' });
  const { folder, root } = pipeline;
  const denied = ['/AddSearchAttributes'];
  cluster = await startCluster({ folder, root, apiKey: API_KEY, denied });
  cluster.createNamespace('team');
  metricsPort = await freePort(17_560);
  const metrics = { ARTEMIS_METRICS_ADDRESS: `127.0.0.1:${metricsPort}` };
  workers = pipeline.startWith({ ...cluster.byProfile('team'), ...metrics }, 'worker');
  await workers.says('workers are ready');
});
afterAll(async () => {
  await pipeline.dispose();
  await cluster.close();
});

/** A catalog with a few URLs that contain secrets. The origin does not know those. */
async function signedCatalog(count: number): Promise<string> {
  const name = await pipeline.writeCatalog(count);
  const file = path.join(pipeline.root, name);
  const [header = '', ...rows] = fs.readFileSync(file, 'utf8').trim().split('\n');
  const signed = rows.map((row, index) =>
    index < 5 ? row.replace('.jpg,', `.jpg?sig=${SIGNATURE},`) : row,
  );
  const port = pipeline.origin.port;
  signed.push(`secret,http://u:${SIGNATURE}@127.0.0.1:${port}/thumbs/1.jpg,nobody`);
  fs.writeFileSync(file, [header, ...signed, ''].join('\n'));
  return path.join('data', name);
}

describe('behind TLS, client certificates and an API key, in a namespace of its own', () => {
  let finished: Finished;
  let page: MetricsPage;
  const live: number[] = [];

  beforeAll(async () => {
    const catalog = await signedCatalog(COUNT);
    const hosts = { default: { connections: 8, requestsPerSecond: 60 } };
    const run = pipeline.startWith(
      { ...cluster.byVariables('team'), ARTEMIS_WEB_UI: 'https://ui.example/' },
      ...['run', catalog, '--workflow-id', 'behind', '--input', JSON.stringify({ hosts })],
    );
    await pipeline.when(({ stored }) => stored >= 20);
    const during = await readMetrics(metricsPort);
    live.push(during.sum('artemis_images_total'), during.sum('artemis_batches_in_flight'));
    finished = await run.finished;
    page = await readMetrics(metricsPort);
  });

  it('runs to its end, and prints the command and the link to the run', async () => {
    expect(finished.code).toBe(3);
    expect(finished.stderr).toContain(
      `--address 127.0.0.1:${cluster.gateway.port} --namespace team`,
    );
    expect(finished.stderr).toContain('https://ui.example/namespaces/team/workflows/behind/');
    const { runs } = await pipeline.status();
    expect(runs[0]).toMatchObject({ workflowId: 'behind', state: 'completed' });
    expect(pipeline.summary(runs[0]?.runId ?? '').counts).toMatchObject({ images: COUNT + 1 });
    const told = cluster.temporal('workflow', 'describe', '-w', 'behind', '--namespace', 'team');
    expect(told).toMatch(/COMPLETED/i);
  });

  it('works without search attributes where no one may register them', () => {
    expect(workers.stderr()).toMatch(/does not let us register all search attributes/);
    const words = ['workflow', 'describe', '-w', 'behind', '--namespace', 'team', '-o', 'json'];
    expect(cluster.temporal(...words)).not.toContain('ArtemisState');
  });

  it('is used by "temporal" and "doctor" of the command line', async () => {
    const listed = await pipeline.startWith(
      cluster.byProfile('team'),
      'temporal',
      'workflow',
      'list',
    ).finished;
    expect(listed).toMatchObject({ code: 0, stdout: expect.stringContaining('behind') as string });
    const doctor = await pipeline.startWith(cluster.byProfile('team'), 'doctor').finished;
    expect(doctor.stdout).toMatch(/✓ Temporal server: answers at .* namespace team .*"team"/);
    expect(doctor.stdout).toMatch(/✓ workers: serve pipeline, plan, download, features, warehouse/);
    expect(`${doctor.stdout}${doctor.stderr}`).not.toMatch(/planted|BEGIN/);
  });

  it('serves metrics that grow while it runs and add up to the summary', async () => {
    const { runs } = await pipeline.status();
    const { run, codes } = pipeline.summary(runs[0]?.runId ?? '');
    expect(live[0]).toBeGreaterThanOrEqual(20);
    expect(live[0]).toBeLessThan(COUNT);
    expect(live[1]).toBe(1);
    expect(page.sum('artemis_batches_in_flight')).toBe(0);
    expect(page.sum('artemis_images_total', { outcome: 'stored' })).toBe(run.stored);
    for (const [code, count] of Object.entries(codes))
      expect(page.sum('artemis_images_total', { outcome: 'failed', code })).toBe(count);
    expect(page.sum('artemis_image_bytes_total')).toBe(run.bytes);
    expect(page.sum('artemis_requests_total')).toBe(run.requests);
    const commits = { work: 'commit' };
    expect(page.sum('artemis_commit_seconds_count', commits)).toBeGreaterThan(1);
    expect(page.sum('artemis_lock_hold_seconds_sum')).toBeLessThan(
      page.sum('artemis_commit_seconds_sum'),
    );
    // A metric of the SDK from the same page.
    expect(page.sum('temporal_request')).toBeGreaterThan(10);
  });

  it('logs events as JSON with run, step and lane, and no line for each image', async () => {
    const { runs } = await pipeline.status();
    const runId = runs[0]?.runId;
    const lines = logLines(workers);
    const ofRun = lines.filter((line) => line.runId === runId);
    const told = (msg: string): readonly LogLine[] => ofRun.filter((line) => line.msg === msg);
    expect(told('batch ended')[0]).toMatchObject({
      step: 'download',
      workflowId: 'behind-download',
    });
    expect(told('batch ended')[0]?.execution).toMatch(/^[\da-f]{16}$/);
    expect(told('batch ended')[0]?.lane).toEqual(expect.any(String));
    expect(told('commit')[0]?.lockHeldMs).toEqual(expect.any(Number));
    expect(told('run ended: completed')).toHaveLength(1);
    const steps = told('run running').map(({ step }) => step);
    expect(steps).toEqual(expect.arrayContaining(['ingest', 'download', 'publish']));
    expect(lines.length).toBeLessThan(COUNT / 2);
  });

  it('keeps keys, signatures and passwords out of logs, ledgers, histories and metrics', () => {
    const histories = ['behind', 'behind-download'].map((id) =>
      cluster.temporal('workflow', 'show', '-w', id, '--namespace', 'team', '-o', 'json'),
    );
    const ledgers = filesBelow(path.join(pipeline.root, 'runs')).filter((file) =>
      /\/ledger\/|rejects\.ndjson$/.test(file),
    );
    const texts = ledgers.map((file) => fs.readFileSync(file, 'utf8'));
    expect(texts.join('')).toContain('bad_url');
    const all = [workers.stderr(), finished.stdout, finished.stderr, page.text];
    expect([...all, ...histories, ...texts].join('\n')).not.toContain('planted');
  });
});

describe('a fault is reported in one line, with exit code 5, within 8 s and the time to start', () => {
  async function wordsOf(command: string, variables: Record<string, string>): Promise<string> {
    const catalog =
      command === 'run' ? [path.join('data', await pipeline.writeCatalog(COUNT))] : [];
    const wrong = { ...cluster.byVariables('team'), ...variables };
    // The time that a process takes to start here, beside everything else, shows how slow the
    // machine is.
    const [[{ code, stdout, stderr }, tookMs], [, startMs]] = await Promise.all([
      timed(pipeline.startWith(wrong, command, ...catalog)),
      timed(pipeline.startWith(wrong, '--version')),
    ]);
    expect(tookMs).toBeLessThan(8_000 + 4 * startMs);
    expect({ command, code, stderr }).toMatchObject({ code: 5 });
    const told = `${stdout}${stderr}`;
    expect(told).not.toMatch(/\n\s+at |planted|Warning/);
    const lines = told
      .split('\n')
      .filter((line) => /Temporal server (can be used )?at /.test(line));
    expect(lines).toHaveLength(1);
    return told;
  }

  async function timed(command: Command): Promise<[Finished, number]> {
    const startedAt = performance.now();
    return [await command.finished, performance.now() - startedAt];
  }

  it.each(['run', 'worker', 'up', 'doctor'])('%s reports a wrong key', async (command) => {
    const told = await wordsOf(command, { TEMPORAL_API_KEY: 'planted-wrong-key' });
    expect(told).toContain('refuses the API key');
  });

  it('worker and doctor report a wrong address', async () => {
    const nobody = { TEMPORAL_ADDRESS: `127.0.0.1:${await freePort(17_580)}` };
    const told = await Promise.all([wordsOf('worker', nobody), wordsOf('doctor', nobody)]);
    for (const words of told) expect(words).toContain('no process listens there');
  });
});

describe('a namespace that has no room for our search attributes', () => {
  it('runs work with the attributes that fit, and without metrics whose address is taken, which is reported', async () => {
    cluster.createNamespace('full');
    const names = Array.from({ length: 10 }, (_, index) => `Keyword${index}x`);
    const fill = names.flatMap((name) => ['--name', name, '--type', 'Keyword']);
    cluster.temporal('operator', 'search-attribute', 'create', '--namespace', 'full', ...fill);
    const roomy = await cluster.openGateway();
    const catalog = path.join('data', await pipeline.writeCatalog(12));
    const finished = await pipeline.startWith(
      {
        ...cluster.byVariables('full', roomy.port),
        ARTEMIS_QUEUE_PREFIX: 'artemis-full',
        ARTEMIS_METRICS_ADDRESS: `127.0.0.1:${metricsPort}`,
        ARTEMIS_DATA: path.join(pipeline.folder, 'second'),
      },
      ...['run', catalog, '--workflow-id', 'full'],
    ).finished;
    expect([0, 3]).toContain(finished.code);
    expect(finished.stderr).toMatch(/completed after/);
    expect(finished.stderr).toMatch(/does not let us register all search attributes/);
    expect(finished.stderr).toMatch(
      new RegExp(`serves no metrics: ARTEMIS_METRICS_ADDRESS 127.0.0.1:${metricsPort} `),
    );
    const words = ['workflow', 'describe', '-w', 'full', '--namespace', 'full', '-o', 'json'];
    const told = cluster.temporal(...words);
    expect(told).toContain('ArtemisImagesDone');
    expect(told).not.toContain('ArtemisState');
  });
});

describe('a cluster that lists neither search attributes nor workers', () => {
  it('lets runs continue without them, and the plan worker warns about both', async () => {
    const root = path.join(pipeline.folder, 'third');
    const catalog = await pipeline.writeCatalog(5);
    fs.mkdirSync(path.join(root, 'catalogs'), { recursive: true });
    fs.copyFileSync(path.join(pipeline.root, catalog), path.join(root, catalog));
    const closed = await cluster.openGateway(['/ListSearchAttributes', '/DescribeTaskQueue']);
    const worker = pipeline.startWith(
      {
        ...cluster.byVariables('team', closed.port),
        ...{ ARTEMIS_QUEUE_PREFIX: 'artemis-closed', ARTEMIS_DATA: root },
      },
      'worker',
    );
    await worker.says('workers are ready');
    const input = JSON.stringify({ catalog });
    cluster.temporal(
      ...['workflow', 'start', '--namespace', 'team', '--type', 'runPipeline'],
      ...['--workflow-id', 'closed', '--task-queue', 'artemis-closed-pipeline', '--input', input],
    );
    // The gateway is in this process, so a command that waits for the result must not block it.
    await worker.says('run ended: completed');
    const warnings = logLines(worker).filter(({ level }) => level === 40);
    expect(warnings.map(({ msg, error }) => `${msg} ${String(error)}`)).toEqual([
      expect.stringMatching(/does not list its search attributes.*unauthorized/),
      expect.stringMatching(/how many download workers there are.*planned for one.*unauthorized/),
    ]);
  });
});

interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly error?: unknown;
  readonly runId?: string;
  readonly step?: string;
  readonly lane?: string;
  readonly execution?: string;
  readonly lockHeldMs?: number;
}

function logLines(command: Command): readonly LogLine[] {
  const lines = command.stderr().split('\n');
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);
}

function filesBelow(folder: string): readonly string[] {
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
