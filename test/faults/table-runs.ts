/**
 * Runs cases of the table as the same command would again and again: each run merges the catalog,
 * publishes the snapshot, plans, downloads and commits. Only the workflow is missing, so that every
 * case can have three runs in little time.
 */
import path from 'node:path';
import type { LedgerLine } from '../../src/contract/outcome';
import type { DownloadBatchResult } from '../../src/contract/payloads';
import type { BatchOptions } from '../../src/download/batch-options';
import { listLedgers, readLedger } from '../../src/files/ledger/ledger-reader';
import { planDownloads } from '../../src/plan/plan-downloads';
import { readPlanPage } from '../../src/plan/read-plan-page';
import { BatchFixture } from '../download/batch-fixture';
import { database, WarehouseFixture } from '../warehouse/warehouse-fixture';
import { SHORT_TIME_LIMIT, SHORTEST_TIME_LIMIT, type FaultCase } from './fault-case';
import type { FaultServers, StartedCase, Wanted } from './fault-servers';

/** What the run of a group has in common: settings of the worker, and kinds that are kept. */
export type Group = Required<Pick<FaultCase, 'settings' | 'keep'>>;

/** The state after a run. */
export interface TableRun {
  /** The ledger lines of this run, by id. */
  readonly lines: ReadonlyMap<string, LedgerLine>;
  /**
   * The numbers of requests for the images of the cases that their servers received in this run.
   */
  readonly requests: ReadonlyMap<FaultCase, number>;
}

/** Each host has one connection, so what a case leaves behind on it would affect the next image. */
const budgets = { default: { connections: 1, requestsPerSecond: 100 } };
const CAPS = { connections: 64, requestsPerSecond: 1_000 };

/** The paths of the good images (fault-servers.ts). */
const NEIGHBOUR = /^\/[01]\?/;

export class TableRuns {
  readonly warehouse = new WarehouseFixture();
  readonly batch = new BatchFixture(0, this.warehouse.root);
  readonly runs: TableRun[] = [];
  /** The rows of the catalog, which grows by one with each run. */
  private readonly listed: Wanted[];

  constructor(
    private readonly servers: FaultServers,
    private readonly group: Group,
    readonly cases: readonly StartedCase[],
    private readonly work: (options: BatchOptions) => Promise<DownloadBatchResult>,
  ) {
    this.listed = cases.flatMap(({ image, neighbours: [first, second] }) => [first, image, second]);
  }

  async run(): Promise<void> {
    const runId = `00000000-0000-7000-8000-00000000000${this.runs.length + 1}`;
    const { root, warehouse } = this.warehouse;
    const startedAt = `2026-01-0${this.runs.length + 1}T00:00:00.000Z`;
    // A host that answers shows that the network works, also where all other images are of dead
    // ones.
    this.listed.push(this.servers.newImage(`new in run ${this.runs.length + 1}`));
    await this.warehouse.merge(runId, this.listed, { startedAt });
    await warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise: true });
    const request = { select: 'pending', limit: null, only: null, hosts: budgets } as const;
    const plan = { dataRoot: root, runId, request, caps: CAPS, workers: 1, database };
    const { pages } = await planDownloads(plan);
    for (let page = 0; page < pages; page += 1) {
      const { lanes } = await readPlanPage({ dataRoot: root, runId, page });
      for (const { lane } of lanes) await this.download(runId, lane);
    }
    await warehouse.commitLedgers({ warehouseId: 'w', runId });
    this.runs.push({ lines: await linesOf(root, runId), requests: this.countRequests() });
  }

  private async download(runId: string, lane: string): Promise<void> {
    const { settings, keep } = this.group;
    const isLimited = Object.keys(SHORT_TIME_LIMIT).some((name) => name in settings);
    const ofLaterRuns = this.runs.length > 0 && isLimited ? SHORTEST_TIME_LIMIT : {};
    const result = await this.batch.run({
      settings: { ...this.servers.settings, ...settings, ...ofLaterRuns },
      // The table has hundreds of answers, and beside other work they take more than a minute.
      input: { runId, lane, budgets, keep, timeBoxSeconds: 600 },
      work: this.work,
    });
    expect(result).toMatchObject({ place: null, pause: null });
  }

  private countRequests(): ReadonlyMap<FaultCase, number> {
    return new Map(
      this.cases.map(({ fault, server }) => {
        const all = server.requests.filter(({ path: at }) => !NEIGHBOUR.test(at)).length;
        const earlier = this.runs.reduce((sum, run) => sum + (run.requests.get(fault) ?? 0), 0);
        return [fault, all - earlier];
      }),
    );
  }

  async dispose(): Promise<void> {
    await this.batch.dispose();
    this.warehouse.remove();
  }
}

async function linesOf(root: string, runId: string): Promise<ReadonlyMap<string, LedgerLine>> {
  const lines = new Map<string, LedgerLine>();
  for (const ledger of listLedgers({ root, runId })) {
    for await (const { line } of readLedger(path.join(root, ledger.path)))
      if (line !== null) lines.set(line.id, line);
  }
  return lines;
}
