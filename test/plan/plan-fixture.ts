/** A data root with a snapshot, and access to real plans of that snapshot. */
import { readFileSync } from 'node:fs';
import type { Lane, PlanDownloadsResult } from '../../src/contract/payloads';
import { laneFileName, type PlanEntry } from '../../src/contract/plan-entry';
import type { HostBudget, Select } from '../../src/contract/run-input';
import { planDownloads } from '../../src/plan/plan-downloads';
import { readPlanEntries } from '../../src/plan/read-plan-entries';
import { readPlanPage } from '../../src/plan/read-plan-page';
import { DataRootFixture, database } from '../catalog/data-root-fixture';
import { writeSnapshot, type SnapshotImage } from './snapshot-fixture';

export interface PlanOptions {
  readonly hosts: Readonly<Record<string, HostBudget>>;
  readonly caps?: HostBudget;
  readonly workers?: number;
  /** `pending` if absent. */
  readonly select?: Select;
  readonly collection?: string;
}

export class PlanFixture extends DataRootFixture {
  async snapshot(images: readonly SnapshotImage[]): Promise<void> {
    await writeSnapshot(this.path('warehouse.snapshot.duckdb'), images);
  }

  plan(options: PlanOptions): Promise<PlanDownloadsResult> {
    return planDownloads({
      dataRoot: this.root,
      runId: this.runId,
      request: {
        select: options.select ?? 'pending',
        limit: null,
        only: null,
        hosts: options.hosts,
        ...(options.collection === undefined ? {} : { collection: options.collection }),
      },
      caps: options.caps ?? { connections: 64, requestsPerSecond: 1_000 },
      workers: options.workers ?? 1,
      database,
    });
  }

  /** The lanes of each page, read in the same way as by the workflow. */
  async pages({ pages }: PlanDownloadsResult): Promise<readonly (readonly Lane[])[]> {
    const read: (readonly Lane[])[] = [];
    for (let page = 0; page < pages; page += 1) {
      read.push((await readPlanPage({ dataRoot: this.root, runId: this.runId, page })).lanes);
    }
    return read;
  }

  async lanes(planned: PlanDownloadsResult): Promise<readonly Lane[]> {
    return (await this.pages(planned)).flat();
  }

  /** The entries of a lane, read in the same way as by a batch. */
  async entries({ lane }: Lane): Promise<readonly PlanEntry[]> {
    const place = { offset: 0, entry: 0 };
    const entries: PlanEntry[] = [];
    const reading = readPlanEntries({ root: this.root, runId: this.runId, lane, place });
    for await (const { entry } of reading) entries.push(entry);
    return entries;
  }

  laneText({ lane }: Lane): string {
    return readFileSync(this.path('runs', this.runId, 'plan', laneFileName(lane)), 'utf8');
  }
}

/** `count` images of one host, each with a URL of its own. */
export function imagesOf(host: string, count: number): readonly SnapshotImage[] {
  return Array.from({ length: count }, (_, n) => ({
    id: `${host}-${n}`,
    url: `http://${host}/${n}`,
  }));
}
