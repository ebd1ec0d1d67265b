/**
 * Finds out before a run whether its catalog lists what the collection has, so that another listing
 * ends the command with nothing changed. The merge decides again, by the warehouse itself.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { digestFiles, type CatalogFile } from '../catalog/catalog-files';
import { parseFiles } from '../catalog/parse-catalog';
import { parseKey, recordedParseKey } from '../catalog/parsed-before';
import type { DatabaseConfig } from '../config';
import { StepError } from '../contract/errors';
import type { ResolvedInput } from '../contract/run-input';
import { listMerges } from '../files/run/merge-mark';
import { PARQUET_NAME } from '../processes/process-messages';
import {
  collectionsToCompare,
  compareWithSnapshot,
  isSameListing,
  type SnapshotToCompare,
} from '../warehouse/snapshot/compare-with-snapshot';

export interface CompareOptions {
  readonly dataRoot: string;
  readonly input: ResolvedInput;
  /** The files of the catalog, wherever they are, in the order in which a run reads them. */
  readonly files: readonly CatalogFile[];
  readonly database: DatabaseConfig;
  /** Called before the catalog is read, which takes as long as the step `ingest`. */
  readonly onReading: () => void;
}

/** A catalog that keeps fewer than half of the collection's images. */
export interface OtherListing {
  readonly known: number;
  readonly kept: number;
  /** The named collections of the data root. */
  readonly collections: readonly string[];
}

/**
 * @returns null when a run may merge the catalog, and when this cannot be told before: for example,
 *   a catalog that cannot be read is reported by the run.
 */
export async function findOtherListing(options: CompareOptions): Promise<OtherListing | null> {
  const { dataRoot, database, input } = options;
  if (!input.steps.includes('ingest') || input.replace === true) return null;
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-compare-'));
  try {
    const { collection } = input;
    return await compareIn({ dataRoot, database, collection, scratch }, options);
  } catch (error) {
    if (error instanceof StepError) return null;
    throw error;
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

async function compareIn(
  snapshot: SnapshotToCompare,
  options: CompareOptions,
): Promise<OtherListing | null> {
  const { files, onReading } = options;
  const collections = await collectionsToCompare(snapshot);
  if (collections === null || (await isMergedLast(options))) return null;
  onReading();
  await parseFiles(options, files, snapshot.scratch);
  const parquet = path.join(snapshot.scratch, PARQUET_NAME);
  const { known, kept } = await compareWithSnapshot(snapshot, parquet);
  return isSameListing({ known, kept }) ? null : { known, kept, collections };
}

/** Whether the catalog that the collection merged last had these bytes, read in the same way. */
async function isMergedLast({ dataRoot, input, files }: CompareOptions): Promise<boolean> {
  const last = listMerges(dataRoot)
    .filter(({ collection }) => collection === input.collection)
    .at(-1);
  if (last === undefined) return false;
  const key = recordedParseKey(dataRoot, last.runId);
  return key !== null && key === parseKey(input, await digestFiles(files));
}
