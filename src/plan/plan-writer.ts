/** Writes the planned images, which come lane by lane, into the lanes' files and the index. */
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

  /** Rows must come in the order of lanes; within a lane, rows of one URL follow one another. */
  async write(rows: AsyncIterable<PlannedRow>): Promise<Omit<PlanCounts, 'settled'>> {
    let file: LaneFile | null = null;
    let last: PlannedRow | null = null;
    for await (const row of rows) {
      if (file === null || row.lane !== last?.lane) {
        this.#close(file);
        file = new LaneFile(this.#folder, this.#outlineOf(row.lane));
        last = null;
      }
      const isFirst = row.url !== last?.url;
      if (isFirst) file.startEntry(row.url);
      file.addImage(row.image, isFirst);
      last = row;
    }
    this.#close(file);
    this.#index.close();
    const { images: planned, lanes, pages } = this.#index;
    return { planned, lanes, pages };
  }

  #close(file: LaneFile | null): void {
    if (file !== null) this.#index.add(file.close());
  }

  #outlineOf(lane: number): LaneOutline {
    const outline = this.#outlines[lane];
    if (outline === undefined) throw new Error(`the plan has no lane ${lane}`);
    return outline;
  }
}
