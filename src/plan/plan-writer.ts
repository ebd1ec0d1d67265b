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
  #laneFile: LaneFile | null = null;
  #lane = 0;
  /** The `entryStart` of the latest row; null before the first row of a lane. */
  #entryStart: string | null = null;

  /** The outline of lane `n` is `outlines[n]`. */
  constructor(folder: string, outlines: readonly LaneOutline[]) {
    this.#folder = folder;
    this.#outlines = outlines;
    this.#index = new PlanIndex(folder);
    mkdirSync(path.join(folder, 'lanes'), { recursive: true });
  }

  /** Rows must be ordered by lane, and within a lane, rows of one URL must be adjacent. */
  async write(batches: AsyncIterable<readonly PlannedRow[]>): Promise<Omit<PlanCounts, 'settled'>> {
    for await (const rows of batches) for (const row of rows) this.#writeRow(row);
    this.#closeLane();
    this.#index.close();
    const { images: planned, lanes, pages } = this.#index;
    return { planned, lanes, pages };
  }

  #writeRow({ lane, entryStart, image }: PlannedRow): void {
    if (this.#laneFile === null || lane !== this.#lane) {
      this.#closeLane();
      this.#laneFile = new LaneFile(this.#folder, this.#outlineOf(lane));
      this.#lane = lane;
      this.#entryStart = null;
    }
    if (entryStart !== this.#entryStart) this.#laneFile.startEntry(entryStart);
    this.#laneFile.addImage(image);
    this.#entryStart = entryStart;
  }

  #closeLane(): void {
    if (this.#laneFile !== null) this.#index.add(this.#laneFile.close());
  }

  #outlineOf(lane: number): LaneOutline {
    const outline = this.#outlines[lane];
    if (outline === undefined) throw new Error(`the plan has no lane ${lane}`);
    return outline;
  }
}
