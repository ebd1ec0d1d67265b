/**
 * Reads the staged plan as entries in the order in which they are written: lane by lane,
 * alternating between the hosts of a lane.
 */
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { PlannedImage, RecordedFile, StoredFile } from '../contract/plan-entry';
import { effectiveBudget, type BudgetRules } from './effective-budget';
import { secondsNeeded, type LanePacker, type PlannedHost } from './lane-packer';

export interface PlannedRow {
  /** The number of the lane, counted from 0. */
  readonly lane: number;
  readonly url: string;
  /** The same for all rows of an entry. */
  readonly stored: StoredFile | null;
  readonly image: PlannedImage;
}

/**
 * Numbers the entries of each host in catalog order (`entry.turn`, from 0) and lists the hosts with
 * the time that they need. `reader` and `writer` must be different connections, because a result is
 * open on one while the other appends.
 */
export async function stageEntries(
  reader: DuckDBConnection,
  writer: DuckDBConnection,
  rules: BudgetRules,
): Promise<void> {
  await writer.run(
    `CREATE TABLE entry AS
     SELECT host, url, row_number() OVER (PARTITION BY host ORDER BY min(record), url) - 1 AS turn
     FROM planned GROUP BY host, url`,
  );
  await writer.run('CREATE TABLE need (host VARCHAR, entries BIGINT, seconds DOUBLE)');
  const appender = await writer.createAppender('need');
  const result = await reader.stream('SELECT host, count(*) FROM entry GROUP BY host');
  for await (const rows of result.yieldRows()) {
    for (const [host, entries] of rows) {
      appender.appendVarchar(String(host));
      appender.appendBigInt(BigInt(String(entries)));
      appender.appendDouble(secondsNeeded(Number(entries), effectiveBudget(String(host), rules)));
      appender.endRow();
    }
  }
  appender.closeSync();
}

/**
 * Lets the packer place every host, in descending order of the time needed. URLs without a host
 * come last.
 */
export async function placeHosts(
  reader: DuckDBConnection,
  writer: DuckDBConnection,
  packer: LanePacker,
): Promise<void> {
  await writer.run(
    'CREATE TABLE placement (host VARCHAR, position BIGINT, first BIGINT, lanes BIGINT)',
  );
  const appender = await writer.createAppender('placement');
  let position = 0n;
  for await (const host of streamHosts(reader)) {
    const { first, lanes } = packer.place(host);
    appender.appendVarchar(host.host);
    appender.appendBigInt(position);
    appender.appendBigInt(BigInt(first));
    appender.appendBigInt(BigInt(lanes));
    appender.endRow();
    position += 1n;
  }
  appender.closeSync();
}

async function* streamHosts(connection: DuckDBConnection): AsyncGenerator<PlannedHost> {
  const result = await connection.stream(
    "SELECT host, entries FROM need ORDER BY host = '', seconds DESC, entries DESC, host",
  );
  for await (const rows of result.yieldRows()) {
    for (const [host, entries] of rows) yield { host: String(host), entries: Number(entries) };
  }
}

/**
 * Streams every planned image. Images that share a URL are adjacent, so that they form one entry.
 */
export async function* streamPlannedRows(connection: DuckDBConnection): AsyncGenerator<PlannedRow> {
  const result = await connection.stream(
    `SELECT l.first + e.turn % l.lanes AS lane, p.url, p.id, p.url_hash, p.path, p.sha256, p.etag, p.last_modified,
       s.path, s.sha256, s.etag, s.last_modified, s.format, s.verdict, s.bytes, s.width, s.height
     FROM planned p JOIN entry e ON p.host = e.host AND p.url = e.url JOIN placement l ON p.host = l.host
     LEFT JOIN stored_file s ON s.host = p.host AND s.url = p.url
     ORDER BY lane, e.turn, l.position, p.record, p.id`,
  );
  for await (const rows of result.yieldRows()) for (const row of rows) yield plannedRow(row);
}

/** The columns of an image in {@link streamPlannedRows}, before those of the stored file. */
const IMAGE_COLUMNS = 7;

function plannedRow([lane, ...others]: readonly DuckDBValue[]): PlannedRow {
  const [url, id, urlHash, ...file] = others.slice(0, IMAGE_COLUMNS).map(nullableText);
  return {
    lane: Number(lane),
    url: url ?? '',
    stored: storedFile(others.slice(IMAGE_COLUMNS)),
    image: { id: id ?? '', urlHash: urlHash ?? '', file: recordedFile(file) },
  };
}

function recordedFile([path, sha256, etag, lastModified]: readonly (
  string | null | undefined
)[]): RecordedFile | null {
  if (path == null || sha256 == null) return null;
  return { path, sha256, etag: etag ?? null, lastModified: lastModified ?? null };
}

function storedFile(columns: readonly DuckDBValue[]): StoredFile | null {
  const texts = columns.slice(0, 6).map(nullableText);
  const file = recordedFile(texts);
  if (file === null) return null;
  const [bytes, width, height] = columns.slice(6).map((one) => (one === null ? null : Number(one)));
  return {
    ...file,
    bytes: bytes ?? 0,
    width: width ?? null,
    height: height ?? null,
    format: texts[4] ?? null,
    verdict: (texts[5] ?? null) as StoredFile['verdict'],
  };
}

function nullableText(value: DuckDBValue): string | null {
  return value === null ? null : String(value);
}
