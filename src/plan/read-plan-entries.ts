/** Streams the entries of a lane from a place on, for a batch. */
import fs from 'node:fs';
import path from 'node:path';
import { StepError } from '../contract/errors';
import type { LanePlace } from '../contract/payloads';
import { laneFileName, type PlanEntry } from '../contract/plan-entry';
import { runPaths } from '../files/data-root';
import { planEntrySchema } from './schema';

/** An entry, where it begins, and the place behind it. */
export interface PlacedEntry {
  readonly entry: PlanEntry;
  readonly at: LanePlace;
  readonly after: LanePlace;
}

const NEWLINE = 0x0a;

export interface ReadPlanEntriesOptions {
  readonly root: string;
  readonly runId: string;
  readonly lane: string;
  readonly place: LanePlace;
}

/**
 * @throws {StepError} `input` when a line does not fit the schema; errors of the file system as
 * they are.
 */
export async function* readPlanEntries(
  options: ReadPlanEntriesOptions,
): AsyncGenerator<PlacedEntry> {
  const file = path.join(
    runPaths(options.root, options.runId).plan,
    ...laneFileName(options.lane).split('/'),
  );
  let at = options.place;
  // Joined when the line has ended, not with each chunk: a line may have 100,000 ids.
  let pieces: Buffer[] = [];
  const stream = fs.createReadStream(file, { start: at.offset, highWaterMark: 256 * 1_024 });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    pieces.push(chunk);
    if (!chunk.includes(NEWLINE)) continue;
    const buffer = Buffer.concat(pieces);
    let from = 0;
    for (let end = buffer.indexOf(NEWLINE); end !== -1; end = buffer.indexOf(NEWLINE, from)) {
      const after = { offset: at.offset + end + 1 - from, entry: at.entry + 1 };
      yield { entry: parseEntry(buffer.toString('utf8', from, end), at, options), at, after };
      at = after;
      from = end + 1;
    }
    pieces = [buffer.subarray(from)];
  }
}

/**
 * Costs about 1 µs a line, beside 2 µs for JSON and a millisecond for the download
 * (bench/README.md).
 */
function parseEntry(
  line: string,
  at: LanePlace,
  { runId, lane }: ReadPlanEntriesOptions,
): PlanEntry {
  try {
    return planEntrySchema.parse(JSON.parse(line));
  } catch (error) {
    throw new StepError(
      'input',
      `Reading entry ${at.entry} of runs/${runId}/plan/${laneFileName(lane)}: ${String(error).slice(0, 300)}. Retry the step \`download\`: it plans again.`,
      { cause: error },
    );
  }
}
