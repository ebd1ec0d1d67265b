/**
 * Writes the planned images, which arrive lane by lane, into the files of the lanes and the index.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { LaneFile } from './lane-file';
import type { LaneOutline } from './lane-packer';
import type { PlannedRow } from './order-entries';
import { PlanIndex } from './plan-index';
import type { PlanCounts } from './plan-job';

export class PlanWriter {
  readonly #folder: string;
  readonly #outlines: readonly LaneOutline[];
  readonly #index: PlanIndex;

  /** The outline of lane `n` is `outlines[n]`. */
  constructor(folder: string, outlines: readonly LaneOutline[]) {
    this.#folder = folder;
    this.#outlines = outlines;
    this.#index = new PlanIndex(folder);
    mkdirSync(path.join(folder, 'lanes'), { recursive: true });
  }

  /** Rows must be ordered by lane, and within a lane, rows of one URL must be adjacent. */
  async write(rows: AsyncIterable<PlannedRow>): Promise<Omit<PlanCounts, 'settled'>> {
    let laneFile: LaneFile | null = null;
    let previousRow: PlannedRow | null = null;
    for await (const row of rows) {
      if (laneFile === null || row.lane !== previousRow?.lane) {
        this.#closeLane(laneFile);
        laneFile = new LaneFile(this.#folder, this.#outlineOf(row.lane));
        previousRow = null;
      }
      const isFirst = row.url !== previousRow?.url;
      if (isFirst) laneFile.startEntry(row.url, row.stored);
      laneFile.addImage(row.image, isFirst);
      previousRow = row;
    }
    this.#closeLane(laneFile);
    this.#index.close();
    const { images: planned, lanes, pages } = this.#index;
    return { planned, lanes, pages };
  }

  #closeLane(laneFile: LaneFile | null): void {
    if (laneFile !== null) this.#index.add(laneFile.close());
  }

  #outlineOf(lane: number): LaneOutline {
    const outline = this.#outlines[lane];
    if (outline === undefined) throw new Error(`the plan has no lane ${lane}`);
    return outline;
  }
}
