/**
 * Asks for a few images from over the rest of a lane whose host refused all of the latest ones. The
 * beginning of a lane may be a series of images that do not exist, and S3 answers 403 for these.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { laneFileName } from '../contract/plan-entry';
import { runPaths } from '../files/data-root';
import { readPlanEntries } from '../plan/read-plan-entries';
import { sampleEntry } from './entry/resolve-entry';
import { entryRunOf } from './entry-run';
import type { Host } from './hosts/host';
import { SAMPLES } from './hosts/outages/refusals';
import type { Batch } from './open-batch';

/** The circuit breaker takes the other samples from the entries that wait for it. */
const SAMPLES_AHEAD = SAMPLES / 2;

/** How often it is checked whether the batch reads on. In milliseconds. */
const CHECK_MS = 5;

/**
 * Lets the batch begin as many entries as may wait, from which the circuit breaker takes samples,
 * and takes others from where the batch cannot arrive meanwhile.
 *
 * @throws StepError disk_*; the signal's reason.
 */
export async function sampleLane(batch: Batch, host: Host): Promise<void> {
  const { dataRoot: root, input } = batch.options;
  const { slots } = batch;
  while (!slots.isQuiet() || !(batch.isRead || slots.isFull())) await delay(CHECK_MS);
  if (input.onlyHost !== host.name) return;
  const { runId, lane, place } = input;
  // The reader has this entry in its hands, and waits.
  const firstEntry = batch.progress.readTo() + 1;
  const file = path.join(runPaths(root, runId).plan, ...laneFileName(lane).split('/'));
  const end = fs.statSync(file).size;
  let step = 0;
  let next = 0;
  const isWanted = ({ offset, entry }: typeof place): boolean => {
    if (entry < firstEntry) return false;
    if (step === 0) {
      step = (end - offset) / SAMPLES_AHEAD;
      next = offset + step / 2;
    }
    if (offset < next) return false;
    next += step;
    return true;
  };
  for await (const placed of readPlanEntries({ root, runId, lane, place, isWanted })) {
    if (!host.breaker.isSampling() || batch.error !== null) return;
    if (!(await sampleEntry(entryRunOf(batch, placed.at.entry), placed.entry))) return;
  }
}
