/**
 * Finds out before a run whether its catalog lists what the collection has, so that another listing
 * ends the command with nothing changed. The merge decides again, by the warehouse itself.
 *
 * For the comparison the catalog is parsed. The run uses that parse when the catalog still has the
 * same bytes.
 */
import fs from 'node:fs';
import path from 'node:path';
import { digestFiles, filesStamp, type CatalogFile } from '../catalog/catalog-files';
import { parseFiles } from '../catalog/parse-catalog';
import {
  newEarlyParseFolder,
  parseKey,
  recordedParseKey,
  recordEarlyParse,
} from '../catalog/parsed-before';
import type { DatabaseConfig } from '../config';
import { StepError } from '../contract/errors';
import type { ResolvedInput } from '../contract/run-input';
import { ensureDirectory } from '../files/directories';
import { onDisk } from '../files/disk-errors';
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
 * What the comparison found. `other` is null when a run may merge the catalog, and when this cannot
 * be told before: for example, a catalog that cannot be read is reported by the run. `parsed` is a
 * folder with the parse, which the run finds there and the caller removes after the run; null when
 * there is none.
 */
export interface ComparedCatalog {
  readonly other: OtherListing | null;
  readonly parsed: string | null;
}

const NOTHING_FOUND: ComparedCatalog = { other: null, parsed: null };

/** @throws errors that are no StepError. */
export async function compareCatalog(options: CompareOptions): Promise<ComparedCatalog> {
  const { dataRoot, input } = options;
  if (!input.steps.includes('ingest') || input.replace === true) return NOTHING_FOUND;
  const folder = newEarlyParseFolder(dataRoot);
  let found = NOTHING_FOUND;
  try {
    onDisk('make a folder for the comparison', () => {
      ensureDirectory(folder);
    });
    found = await compareIn(folder, options);
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
  } finally {
    if (found.parsed === null) fs.rmSync(folder, { recursive: true, force: true });
  }
  return found;
}

async function compareIn(folder: string, options: CompareOptions): Promise<ComparedCatalog> {
  const { dataRoot, database, input, files, onReading } = options;
  const { collection } = input;
  const snapshot: SnapshotToCompare = { dataRoot, database, collection, scratch: folder };
  const collections = await collectionsToCompare(snapshot);
  if (collections === null) return NOTHING_FOUND;
  const stamp = await filesStamp(files);
  const key = parseKey(input, await digestFiles(files));
  if (isMergedLast(options, key)) return NOTHING_FOUND;
  onReading();
  const counts = await parseFiles(options, files, folder);
  const { known, kept } = await compareWithSnapshot(snapshot, path.join(folder, PARQUET_NAME));
  if (!isSameListing({ known, kept })) return { other: { known, kept, collections }, parsed: null };
  if ((await filesStamp(files)) !== stamp) return NOTHING_FOUND;
  await recordEarlyParse(dataRoot, folder, { key, counts });
  return { other: null, parsed: folder };
}

/** Whether the catalog that the collection merged last was parsed with this key. */
function isMergedLast({ dataRoot, input }: CompareOptions, key: string): boolean {
  const last = listMerges(dataRoot).findLast(({ collection }) => collection === input.collection);
  return last !== undefined && recordedParseKey(dataRoot, last.runId) === key;
}
