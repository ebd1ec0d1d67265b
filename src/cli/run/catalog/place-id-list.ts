/** The file of `--only`, which may be anywhere. One that is elsewhere is copied to `catalogs/`. */
import fs from 'node:fs';
import path from 'node:path';
import { readIdList } from '../../../catalog/read-id-list';
import { StepError } from '../../../contract/errors';
import { resolveIdList } from '../../../files/resolve-user-file';
import { placeFile, type PlacedCatalog } from './place-catalog';

/**
 * Reads the ids once, so that a mistake in them ends the command before anything is started.
 *
 * @param given relative to the current folder.
 * @throws StepError `input` for what is no file of ids, and for one without any.
 */
export async function placeIdList(dataRoot: string, given: string): Promise<PlacedCatalog> {
  const source = path.resolve(given);
  if (fs.statSync(source, { throwIfNoEntry: false })?.isFile() !== true)
    throw new StepError(
      'input',
      `--only ${JSON.stringify(given)}: there is no file ${source}. The path is relative to the current folder.`,
    );
  const placed = await placeFile(dataRoot, source);
  if (fs.existsSync(path.join(dataRoot, placed.path))) await resolveIdList(dataRoot, placed.path);
  if ((await countIds(source)) === 0)
    throw new StepError('input', `--only ${JSON.stringify(given)} has no ids. Give one a line.`);
  return placed;
}

async function countIds(file: string): Promise<number> {
  const ids = readIdList(file);
  let count = 0;
  while ((await ids.next()).done !== true) count += 1;
  return count;
}
