/**
 * Lanes whose images redirect to one target, downloaded by batches of this process or by processes
 * of their own.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig } from '../../src/config';
import type { LedgerLine } from '../../src/contract/outcome';
import type { DownloadBatchInput, DownloadBatchResult } from '../../src/contract/payloads';
import { laneFileName } from '../../src/contract/plan-entry';
import type { HostBudget } from '../../src/contract/run-input';
import { createDownloadNetwork } from '../../src/download/hosts/download-network';
import { runBatch } from '../../src/download/run-batch';
import { runPaths } from '../../src/files/data-root';
import { createImageChecker } from '../../src/images/image-checker';
import { picture } from '../helpers/images/images';
import {
  reply,
  startLyingServer,
  type Answer,
  type LyingServer,
} from '../helpers/hosts/lying-server';
import { entryOf, RUN } from './batch-fixture';

export const LANES = ['l000001', 'l000002', 'l000003'] as const;

export interface Worker {
  readonly lane: string;
  readonly process: ChildProcess;
  /** How many images the batch stored; null when the process died. */
  readonly ended: Promise<number | null>;
}

export interface Planned {
  /** The images' own URLs are the target's. */
  readonly isAtTarget?: boolean;
  readonly answerMs?: number;
}

export class SharedBudgetScene {
  /** When requests arrived at the target. */
  readonly arrivals: number[] = [];
  readonly root: string;
  private readonly stalls = monitorEventLoopDelay({ resolution: 5 });
  private readonly workers: Worker[] = [];

  private constructor(
    private readonly temporary: string,
    readonly entries: LyingServer,
    readonly target: LyingServer,
    private readonly jpeg: Buffer,
  ) {
    this.root = temporary;
    this.stalls.enable();
  }

  /** `below` names folders between the temporary folder and the data root. */
  static async open(below = ''): Promise<SharedBudgetScene> {
    const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-shared-'));
    const servers = [await startLyingServer(), await startLyingServer()] as const;
    const scene = new SharedBudgetScene(temporary, ...servers, await picture('jpeg'));
    return below === '' ? scene : Object.assign(scene, { root: path.join(temporary, below) });
  }

  /** Plans `count` images of a lane. */
  plan(lane: string, count: number, { isAtTarget = false, answerMs = 0 }: Planned = {}): void {
    const names = Array.from({ length: count }, (_, index) => `/${lane}-${index}`);
    for (const name of names) {
      const location = `http://127.0.0.1:${this.target.port}${name}`;
      this.entries.answer(name, reply('302 Found', { location }));
      this.answerAtTarget(name, (socket, request) => {
        setTimeout(() => {
          this.image(socket, request);
        }, answerMs);
      });
    }
    const file = path.join(runPaths(this.root, RUN).plan, laneFileName(lane));
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const { port } = isAtTarget ? this.target : this.entries;
    const lines = names.map((name) => entryOf(`http://127.0.0.1:${port}${name}`));
    fs.writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  /** The target refuses the lane's first image once. */
  refuseFirst(lane: string, retryAfter: string): void {
    const refusal = reply('429 Too Many Requests', { 'retry-after': retryAfter });
    this.answerAtTarget(`/${lane}-0`, (socket, request) => {
      if (request.before === 0) refusal(socket, request);
      else this.image(socket, request);
    });
  }

  /**
   * Runs several batches in this process at the same time. `warnings` receives what the worker
   * would log.
   */
  async runHere(lanes: readonly string[], budget: HostBudget) {
    const warnings: string[] = [];
    const checker = createImageChecker({ processes: 1, timeoutMs: 20_000 });
    const network = createDownloadNetwork({ warn: (text) => warnings.push(text) });
    const tools = {
      checker,
      network,
      signal: new AbortController().signal,
      fence: { assertOpen: () => undefined, openUntilMs: () => Number.MAX_SAFE_INTEGER },
      onProgress: () => undefined,
      watch: { settled: () => undefined, hostWaits: () => undefined, ended: () => undefined },
    };
    try {
      const running = lanes.map((lane) => runBatch({ ...this.jobOf(lane, budget), ...tools }));
      return { results: await Promise.all(running), warnings };
    } finally {
      network.close();
      await checker.close();
    }
  }

  /** Runs a batch in a download worker of its own. */
  startWorker(lane: string, budget: HostBudget, attempt = 1): Worker {
    const worker = fork(path.join(__dirname, 'batch-once.cjs'));
    worker.send({ ...this.jobOf(lane, budget, attempt), isApart: false });
    const answered = once(worker, 'message') as Promise<[DownloadBatchResult]>;
    const ended = Promise.race([
      answered.then(([{ stored }]) => stored),
      once(worker, 'exit').then(() => null),
    ]);
    this.workers.push({ lane, process: worker, ended });
    return { lane, process: worker, ended };
  }

  /** The largest number of requests that arrived at the target within a second. */
  mostInASecond(): number {
    const { arrivals, stalls } = this;
    // The target is in this process. While the process stands still, arrivals are not observed.
    const windowMs = 1_000 - Math.min(500, stalls.max / 1e6);
    return Math.max(
      ...arrivals.map((from) => arrivals.filter((at) => at >= from && at < from + windowMs).length),
    );
  }

  async untilArrived(count: number, withinMs = 15_000): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (this.arrivals.length < count) {
      if (performance.now() > deadline)
        throw new Error(`${this.arrivals.length} requests arrived, not ${count}`);
      await delay(20);
    }
  }

  /** How many images of the lane its ledgers record as stored. */
  stored(lane: string): number {
    const folder = path.join(runPaths(this.root, RUN).ledger, lane);
    const lines = fs
      .readdirSync(folder)
      .flatMap((name) => fs.readFileSync(path.join(folder, name), 'utf8').trim().split('\n'))
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LedgerLine);
    return new Set(lines.filter(({ outcome }) => outcome === 'stored').map(({ id }) => id)).size;
  }

  /** The process that grants permits. The name of its socket contains its process id. */
  owner(): number | null {
    const folder = path.join(this.root, 'lease');
    const [marker] = fs.readdirSync(folder).filter((name) => /^permits-.*\.json$/.test(name));
    if (marker === undefined) return null;
    const text = fs.readFileSync(path.join(folder, marker), 'utf8');
    const { socket } = JSON.parse(text) as { readonly socket: string };
    return Number(socket.split('-')[2]);
  }

  /**
   * The connections of other processes to the target, as the kernel counts them. It lists sockets
   * one after another, so one list may have a connection that closed and one that opened after it.
   * The least of several lists does not.
   */
  openConnections(): number {
    return Math.min(...Array.from({ length: 3 }, () => this.listedConnections()));
  }

  private listedConnections(): number {
    const port = this.target.port.toString(16).toUpperCase().padStart(4, '0');
    const established = new RegExp(`^ *\\d+: \\S+ \\S+:${port} 01 `, 'gm');
    return fs.readFileSync('/proc/net/tcp', 'utf8').match(established)?.length ?? 0;
  }

  async close(): Promise<void> {
    this.stalls.disable();
    for (const { process: worker, ended } of this.workers) {
      worker.kill('SIGKILL');
      await ended;
      if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
    }
    await this.entries.close();
    await this.target.close();
    fs.rmSync(this.temporary, { recursive: true });
  }

  private image(...[socket, request]: Parameters<Answer>): void {
    reply('200 OK', {}, this.jpeg)(socket, request);
  }

  private answerAtTarget(name: string, answer: Answer): void {
    this.target.answer(name, (socket, request) => {
      this.arrivals.push(performance.now());
      answer(socket, request);
    });
  }

  private jobOf(lane: string, budget: HostBudget, attempt = 1) {
    const ports = [this.entries, this.target].map(({ port }) => `127.0.0.1:${port}`);
    const settings = {
      ARTEMIS_ALLOW_PRIVATE_HOSTS: ports.join(','),
      ARTEMIS_MIN_FREE_BYTES: '0',
    };
    const input: DownloadBatchInput = {
      warehouseId: 'w',
      runId: RUN,
      lane,
      place: { offset: 0, entry: 0 },
      dispatch: 1,
      previousDispatch: 0,
      verify: 'decode',
      limits: {},
      budgets: { default: budget },
      timeBoxSeconds: 60,
    };
    return { dataRoot: this.root, input, attempt, config: loadConfig(settings).download };
  }
}

/** Opens a scene for each test of the file. */
export function forEachTest(take: (scene: SharedBudgetScene) => void): void {
  let scene: SharedBudgetScene;
  beforeEach(async () => {
    scene = await SharedBudgetScene.open();
    take(scene);
  });
  afterEach(async () => {
    await scene.close();
  });
}

/** Resolves with the number of images that each batch stored. */
export function allEnded(workers: readonly Worker[]): Promise<readonly (number | null)[]> {
  return Promise.all(workers.map(({ ended }) => ended));
}
