/** Joins an archive's core, which may have gigabytes, with the rows of its images in a database. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { CoreJoin, Cells, KeyedRow, OpenCoreJoin, TakeJoined } from './core-join';
import { TextParts } from './text-parts';

/** @param connection of a database whose working folder is the scratch folder. */
export function stagedCoreJoin(connection: DuckDBConnection): OpenCoreJoin {
  return async ({ core, rows }, take) => {
    // A key comes before the cells, and a line before the key of a row.
    const cores = await TextParts.open(connection, 'core', core + 1);
    const images = await TextParts.open(connection, 'image', rows + 2);
    return new StagedCoreJoin(connection, { cores, images, take, rowWidth: rows });
  };
}

interface StagedTables {
  readonly cores: TextParts;
  readonly images: TextParts;
  readonly take: TakeJoined;
  readonly rowWidth: number;
}

class StagedCoreJoin implements CoreJoin {
  readonly isCoreWanted = true;
  readonly #connection: DuckDBConnection;
  readonly #staged: StagedTables;
  #cores = 0;

  constructor(connection: DuckDBConnection, staged: StagedTables) {
    this.#connection = connection;
    this.#staged = staged;
  }

  addCore(key: string, cells: Cells): Promise<void> | undefined {
    this.#cores += 1;
    return this.#staged.cores.add(this.#cores, [key, ...cells]);
  }

  addRow({ place, key, cells }: KeyedRow): Promise<void> | undefined {
    const line = place.line === null ? null : String(place.line);
    return this.#staged.images.add(place.record, [line, key, ...cells]);
  }

  async finish(): Promise<void> {
    const { cores, images, take, rowWidth } = this.#staged;
    await cores.close();
    await images.close();
    // Only the numbers and keys of the core are grouped; its wide rows are read once, and filtered.
    await this.#connection.run(
      `CREATE TABLE wanted AS SELECT c0 AS key, min(n) AS n
       FROM ${cores.source} SEMI JOIN (SELECT c1 FROM ${images.source}) i ON c0 = i.c1 GROUP BY c0`,
    );
    const result = await this.#connection.stream(
      `SELECT i.*, k.* FROM ${images.source} i
       LEFT JOIN (SELECT c.* FROM ${cores.source} c SEMI JOIN wanted w ON c.n = w.n) k ON i.c1 = k.c0
       ORDER BY i.n`,
    );
    for await (const chunk of result.yieldRows())
      for (const [record, line, key, ...cells] of chunk) {
        const texts = cells.map((cell) => (cell === null ? null : String(cell)));
        const place = { record: Number(record), line: line === null ? null : Number(line) };
        const row = { place, key: String(key), cells: texts.slice(0, rowWidth) };
        // After the cells of the row come the number and the key of the core's record.
        const hasCore = texts[rowWidth] !== null;
        const full = take(row, hasCore ? texts.slice(rowWidth + 2) : null);
        if (full !== undefined) await full;
      }
  }
}
