/**
 * Results of parses that earlier runs of the data root left: the same bytes, read with the same
 * options by the same program, are not read again.
 *
 * `parsed.json` of a run says from what its `catalog.parquet` and `rejects.ndjson` were made, and
 * has their hashes, so a file that was replaced or damaged since is not used.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { ResolvedInput } from '../contract/run-input';
import { runPaths } from '../files/data-root';
import { linkOrCopy } from '../files/link-or-copy';
import { listRunIds } from '../files/run/run-records';
import { sha256OfFile } from '../files/sha256-of-file';
import { writeFileAtomically } from '../files/write-file-atomically';
import {
  PARQUET_NAME,
  REJECTS_NAME,
  parseCounts,
  parseJob,
  type ParseCounts,
} from '../processes/process-messages';
import type { FileDigest } from './catalog-digest';

const parsedRecord = z.object({
  v: z.literal(1),
  key: z.string(),
  parquet: z.string(),
  rejects: z.string(),
  counts: parseCounts,
});
type ParsedRecord = z.infer<typeof parsedRecord>;

/** What decides what a parse gives, as one hash. */
export function parseKey(input: ResolvedInput, { sha256 }: FileDigest): string {
  const options = parseJob.omit({ name: true, files: true, database: true }).parse(input);
  return hashOf([JSON.stringify(options), sha256, parserVersion()]);
}

/** The key of the parse that a run recorded; null when it has none. */
export function recordedParseKey(root: string, runId: string): string | null {
  return readRecord(runPaths(root, runId).parsed)?.key ?? null;
}

/** Records what the run's files were made from, after they have their final names. */
export async function recordParsed(
  { root, runId }: { readonly root: string; readonly runId: string },
  key: string,
  counts: ParseCounts,
): Promise<void> {
  const run = runPaths(root, runId);
  const [parquet, rejects] = await hashesOf(run.catalogParquet, run.rejects);
  const record: ParsedRecord = { v: 1, key, parquet, rejects, counts };
  writeFileAtomically({ root, path: run.parsed, content: `${JSON.stringify(record)}\n` });
}

/**
 * Links the files of an earlier parse with this key into a folder.
 *
 * @returns their counts; null when there is none whose files are whole.
 */
export async function linkParsedBefore(
  root: string,
  key: string,
  folder: string,
): Promise<ParseCounts | null> {
  for (const runId of listRunIds(root)) {
    const run = runPaths(root, runId);
    const record = readRecord(run.parsed);
    if (record?.key !== key) continue;
    const files = [path.join(folder, PARQUET_NAME), path.join(folder, REJECTS_NAME)] as const;
    try {
      linkOrCopy(run.catalogParquet, files[0]);
      linkOrCopy(run.rejects, files[1]);
      const [parquet, rejects] = await hashesOf(...files);
      if (parquet === record.parquet && rejects === record.rejects) return record.counts;
    } catch {
      // A file is gone: it is made again.
    }
    for (const file of files) fs.rmSync(file, { force: true });
  }
  return null;
}

async function hashesOf(parquet: string, rejects: string): Promise<readonly [string, string]> {
  return [await sha256OfFile(parquet), await sha256OfFile(rejects)];
}

function readRecord(file: string): ParsedRecord | null {
  try {
    return parsedRecord.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/** The folders whose code decides what a parse gives. */
const PARSER_FOLDERS = ['catalog', 'contract', 'duckdb', 'processes'];

let version: string | null = null;

/** A hash of the parser's code, so that every change of the code is a new version. */
function parserVersion(): string {
  version ??= hashOf(
    PARSER_FOLDERS.flatMap((name) => {
      const folder = path.join(__dirname, '..', name);
      const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
      const code = files.filter((file) => /\.(js|ts)$/.test(file));
      return code.map((file) => fs.readFileSync(path.join(folder, file), 'utf8'));
    }),
  );
  return version;
}

function hashOf(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}\n${part}`);
  return hash.digest('hex');
}
