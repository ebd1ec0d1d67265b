/**
 * Catalogs at whose beginning this process has looked, so that `run`, which looks before it starts
 * anything, does not look again when the run opens in a worker of its own.
 */
import type { ResolvedInput } from '../../contract/run-input';
import { fileStamp } from '../../files/file-stamp';
import { catalogFiles } from '../catalog-files';

const seen = new Set<string>();

/** Remembers that a run with this input can use its catalog as it lies in the data root now. */
export async function rememberLook(dataRoot: string, input: ResolvedInput): Promise<void> {
  seen.add(await keyOf(dataRoot, input));
}

/** Whether this process has looked at anything, so that it will hardly look again. */
export function hasLooked(): boolean {
  return seen.size > 0;
}

/**
 * @returns false also when the input or a file differs from what was looked at.
 * @throws StepError `input`, `catalog_missing`.
 */
export async function isLookedAt(dataRoot: string, input: ResolvedInput): Promise<boolean> {
  return hasLooked() && seen.has(await keyOf(dataRoot, input));
}

async function keyOf(dataRoot: string, input: ResolvedInput): Promise<string> {
  const files = await catalogFiles(dataRoot, input.catalog, input.format);
  const stamps: string[] = [];
  for (const { file } of files) stamps.push(file, await fileStamp(file));
  return JSON.stringify([input, stamps]);
}
