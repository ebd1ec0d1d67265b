/**
 * Reads the staged plan as entries in the order in which they are written: lane by lane,
 * alternating between the hosts of a lane.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { effectiveBudget, type BudgetRules } from './effective-budget';
import { secondsNeeded, type LanePacker, type PlannedHost } from './lane-packer';

/** One planned image, as its parts of a line of the lane's file. */
export interface PlannedRow {
  /** The number of the lane, counted from 0. */
  readonly lane: number;
  /** The JSON text of the entry up to its first image. The same for all rows of an entry. */
  readonly entryStart: string;
  /** The JSON text of the image. */
  readonly image: string;
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

/** JSON text has no tab, because it is escaped there. */
const SEPARATOR = '\t';

/** An `id` of a PlanEntry. A recorded file without its path or hash is none. */
const IMAGE_JSON = `to_json({'id': p.id, 'urlHash': coalesce(p.url_hash, ''), 'file':
  CASE WHEN p.path IS NOT NULL AND p.sha256 IS NOT NULL THEN
    {'path': p.path, 'sha256': p.sha256, 'etag': p.etag, 'lastModified': p.last_modified} END})::VARCHAR`;

/** A StoredFile. */
const STORED_JSON = `to_json({'path': s.path, 'sha256': s.sha256, 'etag': s.etag, 'lastModified': s.last_modified,
  'bytes': coalesce(s.bytes, 0), 'width': s.width, 'height': s.height, 'format': s.format, 'verdict': s.verdict})::VARCHAR`;

/**
 * Streams every planned image, several at a time. Images that share a URL are adjacent, so that
 * they form one entry. DuckDB writes the JSON: a text costs more than a microsecond on its way to
 * JavaScript, and so each row has only one.
 *
 * @see docs/decisions/0078-plan-in-sql.md
 */
export async function* streamPlannedRows(
  connection: DuckDBConnection,
): AsyncGenerator<readonly PlannedRow[]> {
  const result = await connection.stream(
    `SELECT (l.first + e.turn % l.lanes)::INTEGER AS lane,
       '{"url":' || to_json(p.url)::VARCHAR ||
       CASE WHEN s.path IS NOT NULL AND s.sha256 IS NOT NULL THEN ',"stored":' || ${STORED_JSON} ELSE '' END ||
       ',"ids":[' || chr(9) || ${IMAGE_JSON}
     FROM planned p JOIN entry e ON p.host = e.host AND p.url = e.url JOIN placement l ON p.host = l.host
     LEFT JOIN stored_file s ON s.host = p.host AND s.url = p.url
     ORDER BY lane, e.turn, l.position, p.record, p.id`,
  );
  for await (const rows of result.yieldRows())
    yield rows.map(([lane, text]) => plannedRow(Number(lane), String(text)));
}

function plannedRow(lane: number, text: string): PlannedRow {
  const json = text.includes('\\u00') ? withLowerCaseEscapes(text) : text;
  const end = json.indexOf(SEPARATOR);
  return { lane, entryStart: json.slice(0, end), image: json.slice(end + 1) };
}

/**
 * Escapes control characters as JSON.stringify does; DuckDB writes the hex digits in upper case.
 */
function withLowerCaseEscapes(json: string): string {
  return json.replace(/\\(?:\\|u00[01][0-9A-F])/g, (escape) => escape.toLowerCase());
}
