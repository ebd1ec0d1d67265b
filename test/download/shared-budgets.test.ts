/** The budget of a host that redirects lead to holds for all batches of a process and all processes of a data root. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig } from '../../src/config';
import type { LedgerLine } from '../../src/contract/outcome';
import type { DownloadBatchInput, DownloadBatchResult } from '../../src/contract/payloads';
import { laneFileName } from '../../src/contract/plan-entry';
import { createDownloadNetwork } from '../../src/download/hosts/download-network';
import { runBatch } from '../../src/download/run-batch';
import { runPaths } from '../../src/files/data-root';
import { createImageChecker } from '../../src/images/image-checker';
import { picture } from '../helpers/images';
import { reply, startLyingServer, type LyingServer } from '../helpers/lying-server';
import { entryOf, RUN } from './batch-fixture';

const LANES = ['l000001', 'l000002', 'l000003'];

let root: string;
let entries: LyingServer;
let target: LyingServer;
let jpeg: Buffer;
let arrivals: number[];
let stalls: IntervalHistogram;
const workers = new Set<ChildProcess>();

beforeAll(async () => {
  jpeg = await picture('jpeg');
});
beforeEach(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-shared-'));
  entries = await startLyingServer();
  target = await startLyingServer();
  arrivals = [];
  stalls = monitorEventLoopDelay({ resolution: 5 });
  stalls.enable();
});
afterEach(async () => {
  stalls.disable();
  for (const worker of workers) worker.kill('SIGKILL');
  workers.clear();
  await entries.close();
  await target.close();
  fs.rmSync(root, { recursive: true });
});

/** Plans `count` images of a lane at `host`, which redirects to the target unless it is the target. */
function plan(lane: string, count: number, host: LyingServer = entries, answerMs = 0): void {
  const names = Array.from({ length: count }, (_, index) => `/${lane}-${index}`);
  for (const name of names) {
    const location = `http://127.0.0.1:${target.port}${name}`;
    entries.answer(name, reply('302 Found', { location }));
    target.answer(name, (socket, request) => {
      arrivals.push(performance.now());
      setTimeout(() => {
        reply('200 OK', {}, jpeg)(socket, request);
      }, answerMs);
    });
  }
  const file = path.join(runPaths(root, RUN).plan, laneFileName(lane));
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const lines = names.map((name) => entryOf(`http://127.0.0.1:${host.port}${name}`));
  fs.writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

interface Budget {
  readonly connections: number;
  readonly requestsPerSecond: number;
}

function jobOf(lane: string, budget: Budget, attempt = 1) {
  const ports = [entries.port, target.port].map((port) => `127.0.0.1:${port}`);
  const settings = {
    ARTEMIS_ALLOW_PRIVATE_HOSTS: ports.join(','),
    ARTEMIS_MIN_FREE_BYTES: '0',
  };
  const input: DownloadBatchInput = {
    ...{ warehouseId: 'w', runId: RUN, lane, place: { offset: 0, entry: 0 } },
    ...{ dispatch: 1, previousDispatch: 0, verify: 'decode', limits: {} },
    budgets: { default: budget },
    timeBoxSeconds: 60,
  };
  return { dataRoot: root, input, attempt, config: loadConfig(settings).download };
}

/** Runs batches beside one another in this process. `warnings`: what would be in the worker's log. */
async function runHere(lanes: readonly string[], budget: Budget) {
  const warnings: string[] = [];
  const checker = createImageChecker({ processes: 1, timeoutMs: 20_000 });
  const network = createDownloadNetwork({ warn: (text) => warnings.push(text) });
  const tools = {
    ...{ checker, network },
    signal: new AbortController().signal,
    fence: { assertOpen: () => undefined, openUntilMs: () => Number.MAX_SAFE_INTEGER },
    onProgress: () => undefined,
    watch: { settled: () => undefined, hostWaits: () => undefined, ended: () => undefined },
  };
  try {
    const running = lanes.map((lane) => runBatch({ ...jobOf(lane, budget), ...tools }));
    return { results: await Promise.all(running), warnings };
  } finally {
    network.close();
    await checker.close();
  }
}

/** Runs a batch in a download worker of its own. */
function startWorker(lane: string, budget: Budget, attempt = 1) {
  const worker = fork(path.join(__dirname, 'batch-once.cjs'));
  workers.add(worker);
  worker.send({ ...jobOf(lane, budget, attempt), isApart: false });
  const answered = once(worker, 'message') as Promise<[DownloadBatchResult]>;
  const ended = Promise.race([
    answered.then(([result]) => result.stored),
    once(worker, 'exit').then(() => null),
  ]);
  return { worker, ended };
}

/** The most requests that arrived at the target within a second. */
function mostInASecond(): number {
  // The target is in this process: while it stands still what has come is not seen.
  const windowMs = 1_000 - Math.min(500, stalls.max / 1e6);
  return Math.max(
    ...arrivals.map((from) => arrivals.filter((at) => at >= from && at < from + windowMs).length),
  );
}

function stored(lane: string): number {
  const folder = path.join(runPaths(root, RUN).ledger, lane);
  const lines = fs
    .readdirSync(folder)
    .flatMap((name) => fs.readFileSync(path.join(folder, name), 'utf8').trim().split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LedgerLine);
  return new Set(lines.filter(({ outcome }) => outcome === 'stored').map(({ id }) => id)).size;
}

/** The process that grants permits: the name of its socket has its id. */
function owner(): number | null {
  const folder = path.join(root, 'lease');
  if (!fs.existsSync(folder)) return null;
  const [marker] = fs.readdirSync(folder).filter((name) => /^permits-.*\.json$/.test(name));
  if (marker === undefined) return null;
  const { socket } = JSON.parse(fs.readFileSync(path.join(folder, marker), 'utf8')) as {
    socket: string;
  };
  return Number(socket.split('-')[2]);
}

async function until(
  condition: () => boolean,
  { withinMs, describe }: { readonly withinMs: number; readonly describe: () => string },
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(describe());
    await delay(20);
  }
}

/** Connections to the target that processes have open, as the kernel counts them. */
function openConnections(): number {
  const port = target.port.toString(16).toUpperCase().padStart(4, '0');
  const established = new RegExp(`^ *\\d+: \\S+ \\S+:${port} 01 `, 'gm');
  return fs.readFileSync('/proc/net/tcp', 'utf8').match(established)?.length ?? 0;
}

const NARROW = { connections: 8, requestsPerSecond: 20 };

describe('requests in every window of one second, at a host that redirects lead to', () => {
  it('are those of one budget for two batches of one process', async () => {
    const lanes = LANES.slice(0, 2);
    for (const lane of lanes) plan(lane, 30);
    const { results } = await runHere(lanes, NARROW);
    expect(results.map((result) => result.stored)).toEqual([30, 30]);
    expect(arrivals).toHaveLength(60);
    expect(mostInASecond()).toBeLessThanOrEqual(20);
  });

  it('are those of one budget for three processes', async () => {
    for (const lane of LANES) plan(lane, 25);
    const running = LANES.map((lane) => startWorker(lane, NARROW));
    expect(await Promise.all(running.map(({ ended }) => ended))).toEqual([25, 25, 25]);
    expect(arrivals).toHaveLength(75);
    expect(mostInASecond()).toBeLessThanOrEqual(20);
  });

  it('are those of one budget for a lane of the host itself and redirects of other processes', async () => {
    const [own = '', ...others] = LANES;
    plan(own, 40, target);
    for (const lane of others) plan(lane, 20);
    const running = [startWorker(own, NARROW)];
    await until(() => arrivals.length > 5, { withinMs: 10_000, describe: () => 'no request' });
    running.push(...others.map((lane) => startWorker(lane, NARROW)));
    expect(await Promise.all(running.map(({ ended }) => ended))).toEqual([40, 20, 20]);
    expect(mostInASecond()).toBeLessThanOrEqual(20);
  });

  it('are those of one budget below a data root with a very long path', async () => {
    const short = root;
    root = path.join(root, 'd'.repeat(120), 'e'.repeat(120));
    for (const lane of LANES.slice(0, 2)) plan(lane, 20);
    const running = LANES.slice(0, 2).map((lane) => startWorker(lane, NARROW));
    expect(await Promise.all(running.map(({ ended }) => ended))).toEqual([20, 20]);
    expect(mostInASecond()).toBeLessThanOrEqual(20);
    root = short;
  });
});

describe('when the process that grants the permits', () => {
  /** Starts three workers; the lane of the one that grants permits comes first, when they are at work. */
  async function startAll() {
    for (const lane of LANES) plan(lane, 30);
    const running = LANES.map((lane) => ({ lane, ...startWorker(lane, NARROW) }));
    await until(() => arrivals.length > 15, { withinMs: 10_000, describe: () => 'no request' });
    const pid = owner();
    const first = running.find(({ worker }) => worker.pid === pid);
    if (first === undefined) throw new Error('no worker grants permits');
    return { first, others: running.filter((each) => each !== first) };
  }

  it('is killed, the others go on within the budget', async () => {
    const { first, others } = await startAll();
    first.worker.kill('SIGKILL');
    await first.ended;
    const again = startWorker(first.lane, NARROW, 2);
    expect(await Promise.all(others.map(({ ended }) => ended))).toEqual([30, 30]);
    await again.ended;
    expect(LANES.map(stored)).toEqual([30, 30, 30]);
    expect(mostInASecond()).toBeLessThanOrEqual(20);
  });

  it('is stopped and continues, all go on within the budget', async () => {
    const { first, others } = await startAll();
    first.worker.kill('SIGSTOP');
    const before = arrivals.length;
    await until(() => arrivals.length > before + 15, {
      withinMs: 12_000,
      describe: () => `${arrivals.length - before} requests since the stop`,
    });
    expect(owner()).not.toBe(first.worker.pid);
    first.worker.kill('SIGCONT');
    expect(await Promise.all(others.map(({ ended }) => ended))).toEqual([30, 30]);
    expect(await first.ended).toBe(30);
    expect(mostInASecond()).toBeLessThanOrEqual(20);
  });
});

describe('connections to a host that redirects lead to', () => {
  it('are those of one budget for three processes', async () => {
    for (const lane of LANES) plan(lane, 20, entries, 20);
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, openConnections());
    }, 2);
    const running = LANES.map((lane) =>
      startWorker(lane, { connections: 2, requestsPerSecond: 500 }),
    );
    expect(await Promise.all(running.map(({ ended }) => ended))).toEqual([20, 20, 20]);
    clearInterval(watch);
    expect(most).toBe(2);
  });
});

describe('a Retry-After of a host that redirects lead to', () => {
  const narrow = { connections: 1, requestsPerSecond: 100 };

  /** The lane's first image is refused once. */
  function refuseFirst(lane: string, retryAfter: string): void {
    target.answer(`/${lane}-0`, (socket, request) => {
      arrivals.push(performance.now());
      const isFirst = request.before === 0;
      const refusal = reply('429 Too Many Requests', { 'retry-after': retryAfter });
      (isFirst ? refusal : reply('200 OK', {}, jpeg))(socket, request);
    });
  }

  it('is obeyed by other processes', async () => {
    const [first = '', second = ''] = LANES;
    for (const lane of [first, second]) plan(lane, 5);
    refuseFirst(first, '4');
    const running = [startWorker(first, narrow)];
    await until(() => arrivals.length > 0, { withinMs: 10_000, describe: () => 'no request' });
    running.push(startWorker(second, narrow));
    expect(await Promise.all(running.map(({ ended }) => ended))).toEqual([5, 5]);
    const [refused = 0, next = 0] = arrivals;
    expect(next - refused).toBeGreaterThanOrEqual(3_950);
  });

  it('that is longer than a batch waits returns the lanes of all batches', async () => {
    const lanes = LANES.slice(0, 2);
    for (const lane of lanes) {
      plan(lane, 5);
      refuseFirst(lane, '100');
    }
    const { results } = await runHere(lanes, narrow);
    expect(arrivals).toHaveLength(1);
    for (const { stored: count, pause } of results) {
      expect(count).toBe(0);
      expect(pause).toMatchObject({ code: 'http_429', why: 'asked' });
    }
  });
});

describe('where sockets cannot be used', () => {
  it('each process sends one request a second to such a host, and says so once', async () => {
    const lanes = LANES.slice(0, 2);
    for (const lane of lanes) plan(lane, 2);
    fs.writeFileSync(path.join(root, 'lease'), 'not a folder');
    const { results, warnings } = await runHere(lanes, NARROW);
    expect(results.map((result) => result.stored)).toEqual([2, 2]);
    expect(warnings).toEqual([expect.stringContaining('cannot share the budgets')]);
    const gaps = arrivals.slice(1).map((at, index) => at - (arrivals[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(500);
  });
});
