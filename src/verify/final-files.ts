/** K3: every file under a final name has a ledger line. K5: none of them is partial. */
import fs from 'node:fs';
import path from 'node:path';
import { dataRootPaths, relativeToRoot, underRoot } from '../files/data-root';
import { sha256OfFile } from '../files/hash-file';
import { listLedgers, readLedger } from '../files/ledger-reader';
import { Finding, type Check } from './check';

/** `<name>.<first 12 hex of sha256>.<ext>`. */
const FINAL_NAME = /\.([0-9a-f]{12})\.[a-z]+$/;

export async function checkFinalFiles(options: {
  readonly dataRoot: string;
  readonly deep: boolean;
}): Promise<readonly Check[]> {
  const { dataRoot, deep } = options;
  // Files first: a line is written after its file, so none of these can lack one that is still to come for long.
  const files = listFiles(dataRoot);
  const known = await pathsInLedgers(dataRoot);
  const stray = new Finding('K3');
  const partial = new Finding('K5');
  for (const file of files) {
    stray.count();
    partial.count();
    if (!known.has(file)) stray.problem(`${file} has no ledger line`);
    const problem = await partialProblem(dataRoot, file, deep);
    if (problem !== null) partial.problem(`${file} ${problem}`);
  }
  return [stray.check(), partial.check()];
}

function listFiles(dataRoot: string): readonly string[] {
  const { thumbs } = dataRootPaths(dataRoot);
  if (!fs.existsSync(thumbs)) return [];
  return fs
    .readdirSync(thumbs, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relativeToRoot(dataRoot, path.join(entry.parentPath, entry.name)));
}

async function pathsInLedgers(dataRoot: string): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  for (const ledger of listLedgers({ root: dataRoot, runId: null })) {
    for await (const { line } of readLedger(path.join(dataRoot, ledger.path)))
      if (typeof line?.path === 'string') known.add(line.path);
  }
  return known;
}

async function partialProblem(
  dataRoot: string,
  file: string,
  deep: boolean,
): Promise<string | null> {
  const wanted = FINAL_NAME.exec(file)?.[1];
  if (wanted === undefined) return 'has no name of ours';
  const absolute = underRoot(dataRoot, file);
  if (fs.lstatSync(absolute, { throwIfNoEntry: false })?.size === 0) return 'is empty';
  if (!deep) return null;
  const seen = (await sha256OfFile(absolute)).slice(0, wanted.length);
  return seen === wanted ? null : `has bytes whose sha256 begins with ${seen}`;
}
