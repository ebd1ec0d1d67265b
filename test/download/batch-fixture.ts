/** One lane over a data root, downloaded by the real batch with real decoders. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadConfig } from '../../src/config';
import type { LedgerLine } from '../../src/contract/outcome';
import type { DownloadBatchInput, DownloadBatchResult } from '../../src/contract/payloads';
import { laneFileName, type PlanEntry } from '../../src/contract/plan-entry';
import type { AttemptFence } from '../../src/download/attempt-fence';
import type { BatchOptions } from '../../src/download/batch-options';
import { runBatch } from '../../src/download/run-batch';
import { createDownloadNetwork } from '../../src/download/hosts/download-network';
import { runPaths } from '../../src/files/data-root';
import { startLyingServer, type Answer, type LyingServer } from '../helpers/hosts/lying-server';
import { createImageChecker, type ImageChecker } from '../../src/images/image-checker';

export const RUN = '00000000-0000-7000-8000-000000000001';
export const LANE = 'l000001';

export type Settings = Readonly<Record<string, string>>;

/** The fence of an attempt without a successor. */
const OPEN_FENCE: AttemptFence = {
  assertOpen: () => undefined,
  openUntilMs: () => Number.MAX_SAFE_INTEGER,
};

export class BatchFixture {
  readonly checker: ImageChecker = createImageChecker({ processes: 1, timeoutMs: 20_000 });
  private dispatch = 0;
  /** One network for all batches of a test, as in a worker. */
  private readonly network = createDownloadNetwork();

  /** The waits of hosts, as batches report them. */
  readonly waits: object[] = [];

  /** `port` is that of the one loopback server that may be visited. */
  constructor(
    private readonly port: number,
    readonly root = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-batch-')),
  ) {}

  /** Each URL is one entry; its id is `ids[n]`, or the URL's path. */
  plan(entries: readonly PlanEntry[], lane = LANE): void {
    const file = path.join(runPaths(this.root, RUN).plan, laneFileName(lane));
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  }

  async run(
    options: {
      readonly settings?: Settings;
      readonly input?: Partial<DownloadBatchInput>;
      readonly signal?: AbortSignal;
      readonly fence?: AttemptFence;
      readonly work?: (options: BatchOptions) => Promise<DownloadBatchResult>;
    } = {},
  ): Promise<DownloadBatchResult> {
    const settings = {
      ARTEMIS_ALLOW_PRIVATE_HOSTS: `127.0.0.1:${this.port}`,
      ARTEMIS_MIN_FREE_BYTES: '0',
      ...options.settings,
    };
    const previousDispatch = this.dispatch;
    this.dispatch += 1;
    return (options.work ?? runBatch)({
      dataRoot: this.root,
      config: loadConfig(settings).download,
      checker: this.checker,
      network: this.network,
      fence: options.fence ?? OPEN_FENCE,
      attempt: 1,
      signal: options.signal ?? new AbortController().signal,
      onProgress: () => undefined,
      watch: {
        settled: nothing,
        hostWaits: ({ host, waitMs, code }) => this.waits.push({ host, waitMs, code }),
        ended: nothing,
      },
      input: {
        warehouseId: 'w',
        runId: RUN,
        lane: LANE,
        place: { offset: 0, entry: 0 },
        dispatch: this.dispatch,
        previousDispatch,
        verify: 'decode',
        limits: {},
        budgets: { default: { connections: 16, requestsPerSecond: 500 } },
        timeBoxSeconds: 60,
        ...options.input,
      },
    });
  }

  /**
   * Downloads one image for which `server` gives this answer. One attempt unless stated otherwise,
   * so that the code is that of this answer.
   */
  async outcomeOf(
    server: LyingServer,
    answer: Answer,
    settings: Settings = {},
  ): Promise<LedgerLine> {
    server.answer('/image', answer);
    this.plan([entryOf(`http://127.0.0.1:${server.port}/image`)]);
    await this.run({ settings: { ARTEMIS_MAX_ATTEMPTS: '1', ...settings } });
    const [line] = this.lines();
    if (line === undefined) throw new Error('no line was written');
    return line;
  }

  /** Complete lines only, because a kill may have torn the last one. */
  lines(lane = LANE): readonly LedgerLine[] {
    return this.ledgerFiles(lane)
      .flatMap((file) => fs.readFileSync(file, 'utf8').split('\n').slice(0, -1))
      .map((line) => JSON.parse(line) as LedgerLine);
  }

  /** Oldest first. */
  ledgerFiles(lane = LANE): readonly string[] {
    const folder = path.join(runPaths(this.root, RUN).ledger, lane);
    const files = fs.readdirSync(folder).map((name) => path.join(folder, name));
    return files.sort((a, b) => fs.statSync(a).birthtimeMs - fs.statSync(b).birthtimeMs);
  }

  /** Paths of all image files, relative to the data root. */
  files(): readonly string[] {
    const folder = path.join(this.root, 'raw');
    if (!fs.existsSync(folder)) return [];
    return fs
      .readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(this.root, path.join(entry.parentPath, entry.name)));
  }

  temps(): readonly string[] {
    const folder = path.join(this.root, 'tmp');
    return fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  }

  async dispose(): Promise<void> {
    this.network.close();
    await this.checker.close();
    fs.rmSync(this.root, { recursive: true });
  }
}

export function entryOf(url: string, ...ids: readonly string[]): PlanEntry {
  const names = ids.length === 0 ? [new URL(url).pathname] : ids;
  return { url, ids: names.map((id) => ({ id, urlHash: '0'.repeat(32), file: null })) };
}

/** What the lane's next batch receives about hosts, once all their waits are over. */
export function waitedFor(hosts: DownloadBatchResult['hosts']): DownloadBatchResult['hosts'] {
  const over = Object.entries(hosts).map(([host, { outage, ...rest }]) => [
    host,
    { ...rest, ...(outage === undefined ? {} : { outage: { ...outage, waitMs: 0 } }) },
  ]);
  return Object.fromEntries(over) as DownloadBatchResult['hosts'];
}

function nothing(): void {
  // Progress is not needed.
}

export interface Scene {
  readonly server: LyingServer;
  readonly batch: BatchFixture;
}

/**
 * Opens a server that gives prepared answers, and a batch that may visit it, for each test of the
 * file.
 */
export function forEachTest(take: (scene: Scene) => void): void {
  let scene: Scene;
  beforeEach(async () => {
    const server = await startLyingServer();
    scene = { server, batch: new BatchFixture(server.port) };
    take(scene);
  });
  afterEach(async () => {
    await scene.batch.dispose();
    await scene.server.close();
  });
}
