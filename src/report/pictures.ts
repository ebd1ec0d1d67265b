/** What a report asks the snapshot for its pictures. */
import type { Answer, Ask } from './ask';
import type { CollectionOfRun } from './questions/collection-questions';
import {
  copyPicturesSql,
  groupPicturesSql,
  issuePicturesSql,
  newPicturesSql,
  PICTURE_TABLES_SQL,
} from './questions/picture-questions';

/** Each is null where the snapshot has no table for it. */
export interface PictureAnswers {
  readonly added: Answer;
  readonly issues: Answer | null;
  readonly copies: Answer;
  readonly near: Answer | null;
  readonly visual: Answer | null;
}

/**
 * Pictures take seconds of decoders, so runs get them only where somebody wants to look at images:
 * where the step `features` was done.
 *
 * @returns null where no file has features.
 */
export async function pictureAnswers(
  of: CollectionOfRun,
  ask: Ask,
): Promise<PictureAnswers | null> {
  const found = await ask(PICTURE_TABLES_SQL);
  const tables = new Set('rows' in found ? found.rows.map(({ name }) => name) : []);
  if (!tables.has('feature')) return null;
  const hasGroups = tables.has('cluster') && tables.has('cluster_member');
  return {
    added: await ask(newPicturesSql(of)),
    issues: tables.has('quality') ? await ask(issuePicturesSql(of)) : null,
    copies: await ask(copyPicturesSql(of)),
    near: hasGroups ? await ask(groupPicturesSql(of, 'near')) : null,
    visual: hasGroups ? await ask(groupPicturesSql(of, 'visual')) : null,
  };
}

/** Where the files of the pictures are: paths below the data root by their sha256. */
export function filesOfPictures(answers: PictureAnswers): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const answer of Object.values(answers) as readonly (Answer | null)[])
    for (const { sha256, path } of answer !== null && 'rows' in answer ? answer.rows : [])
      if (typeof sha256 === 'string' && typeof path === 'string') files.set(sha256, path);
  return files;
}
