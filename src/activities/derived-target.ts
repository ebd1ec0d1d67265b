/** The file that a step computes for the next publication. */
import fs from 'node:fs';
import path from 'node:path';
import type { DerivedFile, DerivedKind } from '../contract/derived/derived-file';
import { dataRootPaths, relativeToRoot, runPaths } from '../files/data-root';
import { sha256OfFile } from '../files/sha256-of-file';
import { tempNameOfRun } from '../files/temp-names';

export interface DerivedTarget {
  readonly dataRoot: string;
  readonly kind: DerivedKind;
  readonly runId: string;
  readonly signal: AbortSignal;
}

/**
 * Does work that moves a file to a new absolute path in `tmp/`. Each attempt has a path of its own.
 * The file stays only for a publication that may come: it is removed when the work fails, is
 * cancelled, or ends after its run did. The end of the run removes a file that no publication
 * installed (`sweepTempFiles`), and either this or that comes last.
 *
 * @throws the errors of `work`; the signal's reason; an error when the run has ended meanwhile.
 */
export async function withDerivedTarget<T>(
  { dataRoot, kind, runId, signal }: DerivedTarget,
  work: (target: string) => Promise<T>,
): Promise<T> {
  const target = path.join(dataRootPaths(dataRoot).tmp, `${tempNameOfRun(kind, runId)}.duckdb`);
  // A run that is reset after its end has a summary already.
  const endBefore = endOfRun(dataRoot, runId);
  try {
    const result = await work(target);
    signal.throwIfAborted();
    const end = endOfRun(dataRoot, runId);
    if (end !== null && end !== endBefore)
      throw new Error(`The run ${runId} ended while tables were computed for it.`);
    return result;
  } catch (error) {
    fs.rmSync(target, { force: true });
    throw error;
  }
}

/** Changes when the summary of the run is written; null without one. */
function endOfRun(dataRoot: string, runId: string): number | null {
  const { summary } = runPaths(dataRoot, runId);
  return fs.statSync(summary, { throwIfNoEntry: false })?.mtimeMs ?? null;
}

/**
 * Describes a computed file to the publication that installs it.
 *
 * @param file as {@link withDerivedTarget} gave it.
 * @throws the errors of the file system.
 */
export async function describeDerivedFile(
  dataRoot: string,
  kind: DerivedKind,
  file: string,
): Promise<DerivedFile> {
  return { kind, path: relativeToRoot(dataRoot, file), sha256: await sha256OfFile(file) };
}
