/** The staged plan in the order in which it is written: hosts with the most entries first, then by catalog order. */
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { PlannedImage } from '../contract/plan-entry';

/** **Units** entries (distinct URLs). */
export interface PlannedHost {
  readonly host: string;
  readonly entries: number;
}

export interface PlannedRow {
  readonly url: string;
  readonly image: PlannedImage;
}

/** Long lanes start first, or the last of them would keep everybody waiting at the end. What has no host comes last. */
const ORDER = "h.host = '', h.entries DESC, h.host";

/** Prepares the order; both streams below follow it. */
export async function orderPlan(connection: DuckDBConnection): Promise<void> {
  await connection.run(
    'CREATE TABLE entry AS SELECT host, url, min(record) AS first_record FROM planned GROUP BY host, url',
  );
  await connection.run(
    'CREATE TABLE host AS SELECT host, count(*) AS entries FROM entry GROUP BY host',
  );
}

export async function* streamHosts(connection: DuckDBConnection): AsyncGenerator<PlannedHost> {
  const result = await connection.stream(`SELECT h.host, h.entries FROM host h ORDER BY ${ORDER}`);
  for await (const rows of result.yieldRows()) {
    for (const [host, entries] of rows) yield { host: String(host), entries: Number(entries) };
  }
}

/** Every planned image; those that share a URL follow one another. */
export async function* streamRows(connection: DuckDBConnection): AsyncGenerator<PlannedRow> {
  const result = await connection.stream(
    `SELECT p.url, p.id, p.url_hash, p.path, p.sha256, p.etag, p.last_modified
     FROM planned p JOIN entry e ON p.host = e.host AND p.url = e.url JOIN host h ON p.host = h.host
     ORDER BY ${ORDER}, e.first_record, p.url, p.record, p.id`,
  );
  for await (const rows of result.yieldRows()) for (const row of rows) yield plannedRow(row);
}

function plannedRow(row: readonly DuckDBValue[]): PlannedRow {
  const [url, id, urlHash, path, sha256, etag, lastModified] = row.map(text);
  const file =
    path == null || sha256 == null
      ? null
      : { path, sha256, etag: etag ?? null, lastModified: lastModified ?? null };
  return { url: url ?? '', image: { id: id ?? '', urlHash: urlHash ?? '', file } };
}

function text(value: DuckDBValue): string | null {
  return value === null ? null : String(value);
}
