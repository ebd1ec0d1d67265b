/** Streams the entries of a lane's plan from a place. */
import fs from 'node:fs';
import path from 'node:path';
import type { LanePlace } from '../contract/payloads';
import { laneFileName, type PlanEntry } from '../contract/plan-entry';
import { runPaths } from '../files/data-root';

/** An entry, where it begins, and the place behind it. */
export interface PlacedEntry {
  readonly entry: PlanEntry;
  readonly at: LanePlace;
  readonly after: LanePlace;
}

const NEWLINE = 0x0a;

/** **Errors** those of the file system: a plan is written whole, so its lines parse. */
export async function* readPlanEntries(options: {
  readonly root: string;
  readonly runId: string;
  readonly lane: string;
  readonly place: LanePlace;
}): AsyncGenerator<PlacedEntry> {
  const file = path.join(
    runPaths(options.root, options.runId).plan,
    ...laneFileName(options.lane).split('/'),
  );
  let at = options.place;
  // Put together when the line has ended, not with each chunk: a line may have 100,000 ids.
  let pieces: Buffer[] = [];
  const stream = fs.createReadStream(file, { start: at.offset, highWaterMark: 256 * 1_024 });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    pieces.push(chunk);
    if (!chunk.includes(NEWLINE)) continue;
    const buffer = Buffer.concat(pieces);
    let from = 0;
    for (let end = buffer.indexOf(NEWLINE); end !== -1; end = buffer.indexOf(NEWLINE, from)) {
      const after = { offset: at.offset + end + 1 - from, entry: at.entry + 1 };
      yield { entry: JSON.parse(buffer.toString('utf8', from, end)) as PlanEntry, at, after };
      at = after;
      from = end + 1;
    }
    pieces = [buffer.subarray(from)];
  }
}
