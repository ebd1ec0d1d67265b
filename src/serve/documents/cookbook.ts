/** The queries of docs/cookbook.md. */
import { plainText, readDocument, type DocumentSection } from './markdown';

export interface Recipe {
  readonly title: string;
  readonly sql: string;
  /** What has to be done before, such as "Needs the step aggregates."; null where nothing has. */
  readonly needs: string | null;
}

let recipes: readonly Recipe[] | null = null;

/** They are read once. @throws the errors of the file system. */
export function cookbook(): readonly Recipe[] {
  recipes ??= readDocument('docs/cookbook.md').flatMap(recipeIn);
  return recipes;
}

function recipeIn({ heading, text }: DocumentSection): readonly Recipe[] {
  const [, sql] = /```sql\n([\s\S]*?)```/.exec(text) ?? [];
  const [needs] = /^Needs .*\.$/m.exec(text) ?? [];
  if (sql === undefined) return [];
  return [
    {
      title: plainText(heading),
      sql: sql.trim(),
      needs: needs === undefined ? null : plainText(needs),
    },
  ];
}
