/** K2: every file that the snapshot names is there, as long as it says, and (deep) with the bytes it says. */
import fs from 'node:fs';
import { underRoot } from '../files/data-root';
import { sha256OfFile } from '../files/hash-file';
import type { Database } from '../warehouse/database';
import { rowsOf } from '../warehouse/database';
import { Finding, type Check } from './check';

/** **Units** images a query; files hashed at once: a disk is busy with four. */
const PAGE = 20_000;
const AT_ONCE = 4;

interface Named {
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export async function checkStoredFiles(options: {
  readonly database: Database;
  readonly dataRoot: string;
  readonly deep: boolean;
  readonly onProgress: (checked: number) => void;
}): Promise<Check> {
  const finding = new Finding('K2');
  let checked = 0;
  for await (const page of pages(options.database)) {
    const queue = page.values();
    const work = async (): Promise<void> => {
      for (const named of queue) {
        finding.count();
        const problem = await problemOf(options.dataRoot, named, options.deep);
        if (problem !== null) finding.problem(`image ${named.id}: ${named.path} ${problem}`);
        checked += 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    options.onProgress(checked);
  }
  return finding.check();
}

async function* pages(database: Database): AsyncGenerator<readonly Named[]> {
  await database.run(
    `CREATE TABLE memory.main.named AS SELECT row_number() OVER (ORDER BY thumb_path) AS nth,
       source_image_id, thumb_path, thumb_bytes, thumb_sha256 FROM image WHERE thumb_path IS NOT NULL`,
  );
  for (let from = 0; ; from += PAGE) {
    const rows = await rowsOf(
      database,
      'SELECT * FROM memory.main.named WHERE nth > ? AND nth <= ? ORDER BY nth',
      [from, from + PAGE],
    );
    if (rows.length === 0) return;
    yield rows.map((row) => ({
      id: String(row.source_image_id),
      path: String(row.thumb_path),
      bytes: Number(row.thumb_bytes),
      sha256: String(row.thumb_sha256),
    }));
  }
}

async function problemOf(root: string, named: Named, deep: boolean): Promise<string | null> {
  const file = underRoot(root, named.path);
  const stat = fs.lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return 'is not there';
  if (!stat.isFile()) return 'is no file';
  if (stat.size !== named.bytes) return `has ${stat.size} bytes, not ${named.bytes}`;
  if (!deep) return null;
  const seen = await sha256OfFile(file);
  return seen === named.sha256 ? null : `has the sha256 ${seen}, not ${named.sha256}`;
}
