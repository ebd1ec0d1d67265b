/**
 * Results of parses that are in the data root: the same bytes, read with the same options by the
 * same program, are not read again. Runs leave them, and so does the comparison before a run.
 *
 * `parsed.json` says from what the `catalog.parquet` and `rejects.ndjson` beside it were made, and
 * has their hashes, so a file that was replaced or damaged since is not used.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { ResolvedInput } from '../contract/run-input';
import { dataRootPaths, runPaths } from '../files/data-root';
import { linkOrCopy } from '../files/link-or-copy';
import { builtFile } from '../files/process/built-file';
import { listRunIds } from '../files/run/run-records';
import { sha256OfFile } from '../files/sha256-of-file';
import { tempName } from '../files/temp-names';
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

/** The beginning of the names of folders with parses that were made before a run. */
const EARLY_PARSE = 'parsed';

/** What decides what a parse gives, as one hash. */
export function parseKey(input: ResolvedInput, { sha256 }: FileDigest): string {
  const options = parseJob.omit({ name: true, files: true, database: true }).parse(input);
  return hashOf([JSON.stringify(options), sha256, parserVersion()]);
}

/** The key of the parse that a run recorded; null when it has none. */
export function recordedParseKey(root: string, runId: string): string | null {
  return readRecord(runPaths(root, runId).parsed)?.key ?? null;
}

/** Counts of a parse, and the hashes of its two files, which are whole. */
export type WholeParse = Omit<ParsedRecord, 'v' | 'key'>;

/** Records what the run's files were made from, after they have their final names. */
export async function recordParsed(
  { root, runId }: { readonly root: string; readonly runId: string },
  key: string,
  parse: ParseCounts | WholeParse,
): Promise<void> {
  const run = runPaths(root, runId);
  const whole = 'counts' in parse ? parse : await wholeParse(run, parse);
  writeRecord(root, run.parsed, { v: 1, key, ...whole });
}

/**
 * The path of a new folder below `tmp/` for a parse that is made before a run. `prune` and the end
 * of every run remove it when the process is gone that asked for it.
 */
export function newEarlyParseFolder(root: string): string {
  return path.join(dataRootPaths(root).tmp, tempName(EARLY_PARSE));
}

/** Lets {@link linkParsedBefore} find the parse in this folder, of {@link newEarlyParseFolder}. */
export async function recordEarlyParse(
  root: string,
  folder: string,
  { key, counts }: { readonly key: string; readonly counts: ParseCounts },
): Promise<void> {
  const files = filesIn(folder);
  writeRecord(root, files.parsed, { v: 1, key, ...(await wholeParse(files, counts)) });
}

/**
 * Links the files of an earlier parse with this key into a folder.
 *
 * @returns null when there is none whose files are whole.
 */
export async function linkParsedBefore(
  root: string,
  key: string,
  folder: string,
): Promise<WholeParse | null> {
  for (const files of parsesIn(root)) {
    const record = readRecord(files.parsed);
    if (record?.key !== key) continue;
    const linked = filesIn(folder);
    try {
      linkOrCopy(files.catalogParquet, linked.catalogParquet);
      linkOrCopy(files.rejects, linked.rejects);
      const { counts } = record;
      const whole = await wholeParse(linked, counts);
      if (whole.parquet === record.parquet && whole.rejects === record.rejects) return whole;
    } catch {
      // A file is gone: it is made again.
    }
    fs.rmSync(linked.catalogParquet, { force: true });
    fs.rmSync(linked.rejects, { force: true });
  }
  return null;
}

interface ParsePaths {
  readonly catalogParquet: string;
  readonly rejects: string;
  readonly parsed: string;
}

function* parsesIn(root: string): Generator<ParsePaths> {
  const { tmp } = dataRootPaths(root);
  const names = fs.existsSync(tmp) ? fs.readdirSync(tmp) : [];
  for (const name of names)
    if (name.startsWith(`${EARLY_PARSE}-`)) yield filesIn(path.join(tmp, name));
  for (const runId of listRunIds(root)) yield runPaths(root, runId);
}

function filesIn(folder: string): ParsePaths {
  return {
    catalogParquet: path.join(folder, PARQUET_NAME),
    rejects: path.join(folder, REJECTS_NAME),
    parsed: path.join(folder, 'parsed.json'),
  };
}

async function wholeParse(
  { catalogParquet, rejects }: Pick<ParsePaths, 'catalogParquet' | 'rejects'>,
  counts: ParseCounts,
): Promise<WholeParse> {
  const [parquet, rejected] = [await sha256OfFile(catalogParquet), await sha256OfFile(rejects)];
  return { counts, parquet, rejects: rejected };
}

function writeRecord(root: string, file: string, record: ParsedRecord): void {
  writeFileAtomically({ root, path: file, content: `${JSON.stringify(record)}\n` });
}

/** Null also for a record that cannot be read: the catalog is then read again. */
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
      const folder = builtFile(name);
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
