/**
 * Reads the table with the images of a Darwin Core archive, as GBIF, iDigBio and museums publish
 * them: that of the multimedia, with the cells of the core's record beside each image, or else the
 * core. The terms are the names of the columns.
 */
import { shellWord } from '../../contract/commands/shell-word';
import { checkColumns } from '../catalog-columns';
import type { CatalogReading } from '../catalog-reading';
import { inPlaces } from '../catalog-staging';
import { CsvReader } from '../csv/csv-reader';
import { widthOfRow, widthProblem } from '../csv/row-width';
import type { RowPlace } from '../records/catalog-record';
import { readText } from '../text/text-window';
import { unusableCatalog } from '../text/unusable-catalog';
import { METAFILE } from '../../contract/catalog/catalog-format';
import { openArchive, readMetafile, type ArchiveFiles } from './archive-files';
import type { Cells, KeyedRow, OpenCoreJoin } from './core-join';
import { parseMetafile, type ArchiveTable } from './parse-metafile';

const IMAGES = /(?:multimedia|image)$/i;
/** The names that the metafile's elements for keys give to columns. */
const CORE_KEY = 'id';
const ROW_KEY = 'coreid';

/**
 * @param openJoin joins the rows of the images with the core.
 * @throws StepError `catalog_columns`; `catalog_format` for an archive that is not read.
 */
export async function readDarwinCore(
  reading: CatalogReading,
  openJoin: OpenCoreJoin,
): Promise<void> {
  const { job, file } = reading;
  const archive = await openArchive(job, file);
  const tables = parseMetafile(await readMetafile(archive));
  if (typeof tables === 'string')
    throw unusableCatalog(job.name, `has a ${METAFILE} that cannot be used: ${tables}`);
  const table = chooseTable(tables, reading);
  const core = job.member === undefined ? coreBeside(table, tables) : null;
  if (core === null) await takeTable(reading, archive, table);
  else await takeJoined(reading, { archive, table, core, openJoin });
}

function chooseTable(tables: readonly ArchiveTable[], { job }: CatalogReading): ArchiveTable {
  const { member } = job;
  const found =
    member === undefined
      ? (tables.find(({ isCore, rowType }) => !isCore && IMAGES.test(rowType)) ??
        tables.find(({ isCore }) => isCore))
      : tables.find(({ locations }) => locations.includes(member));
  if (found !== undefined) return found;
  const options = tables.flatMap(({ locations }) =>
    locations.slice(0, 1).map((one) => `--member ${shellWord(one)}`),
  );
  throw unusableCatalog(
    job.name,
    `has no table ${JSON.stringify(member)} (\`member\`, --member). It has ${options.join(', ')}`,
  );
}

/** The core of a table whose rows name its records; null when there is nothing to join. */
function coreBeside(table: ArchiveTable, tables: readonly ArchiveTable[]): ArchiveTable | null {
  const core = tables.find(({ isCore }) => isCore);
  if (core === undefined || table.isCore) return null;
  const isJoinable = keyIndex(table, ROW_KEY) >= 0 && keyIndex(core, CORE_KEY) >= 0;
  return isJoinable ? core : null;
}

function keyIndex({ fields }: ArchiveTable, name: string): number {
  return fields.findIndex((field) => field.name === name && field.index !== null);
}

async function takeTable(
  reading: CatalogReading,
  archive: ArchiveFiles,
  table: ArchiveTable,
): Promise<void> {
  const { rows } = reading;
  const take = takerOf(reading, namesOf(table));
  for await (const row of catalogRowsOf(reading, archive, table)) {
    const full = rows.take(take(row.place, row.cells));
    if (full !== undefined) await full;
  }
}

async function takeJoined(
  reading: CatalogReading,
  {
    archive,
    table,
    core,
    openJoin,
  }: {
    readonly archive: ArchiveFiles;
    readonly table: ArchiveTable;
    readonly core: ArchiveTable;
    readonly openJoin: OpenCoreJoin;
  },
): Promise<void> {
  const names = namesOf(table);
  const own = new Set(names);
  const coreNames = namesOf(core).map((name) => (own.has(name) ? `core_${name}` : name));
  const take = takerOf(reading, [...names, ...coreNames]);
  const keyOfRow = keyIndex(table, ROW_KEY);
  const keyOfCore = keyIndex(core, CORE_KEY);
  const noCore: readonly null[] = coreNames.map(() => null);
  const width = { core: coreNames.length, rows: names.length };
  const join = await openJoin(width, ({ place, key, cells }, found) => {
    // A record that the core lacks has its id all the same.
    const beside = (found ?? noCore).with(keyOfCore, key);
    return reading.rows.take(take(place, [...cells, ...beside]));
  });
  for await (const { cells, problem } of rowsOf(reading, archive, core)) {
    if (!join.isCoreWanted) break;
    const key = cells[keyOfCore] ?? null;
    const full = problem === null && key !== null ? join.addCore(key, cells) : undefined;
    if (full !== undefined) await full;
  }
  for await (const { place, cells } of catalogRowsOf(reading, archive, table)) {
    const row: KeyedRow = { place, key: cells[keyOfRow] ?? '', cells };
    const full = join.addRow(row);
    if (full !== undefined) await full;
  }
  await join.finish();
}

function namesOf({ fields }: ArchiveTable): readonly string[] {
  return fields.map(({ name }) => name);
}

/** Adds the columns to the catalog, and returns what makes records of rows with these columns. */
function takerOf({ job, staging, imageRows }: CatalogReading, names: readonly string[]) {
  checkColumns(names, imageRows, job.name);
  const places = staging.addColumns(names);
  return (place: RowPlace, cells: Cells) => ({
    ...place,
    values: inPlaces(cells, places),
    noIds: null,
  });
}

/** The rows of a table that are records of the catalog; those that do not fit are rejected. */
async function* catalogRowsOf(
  reading: CatalogReading,
  archive: ArchiveFiles,
  table: ArchiveTable,
): AsyncGenerator<{ readonly place: RowPlace; readonly cells: Cells }> {
  const { rows } = reading;
  for await (const { line, cells, problem, badEncoding } of rowsOf(reading, archive, table)) {
    const place = rows.next(line);
    if (badEncoding !== null) rows.rejectEncoding(place, badEncoding);
    else if (problem !== null) rows.reject(place, 'bad_row', problem);
    else yield { place, cells };
  }
}

/** `cells` are those of the table's fields. `problem` is why they cannot be used. */
interface TableRow {
  readonly line: number;
  readonly cells: Cells;
  readonly problem: string | null;
  /** The encoding in which the row is not valid. */
  readonly badEncoding: string | null;
}

async function* rowsOf(
  { job }: CatalogReading,
  archive: ArchiveFiles,
  table: ArchiveTable,
): AsyncGenerator<TableRow> {
  const { delimiter, quote, encoding, fields, locations } = table;
  refuseEncoding(encoding, job.name);
  for (const location of locations) {
    const reader = new CsvReader({ delimiter, quote, escape: null }, job.name);
    let headerRows = table.headerRows;
    for await (const window of readText({ ...archive.fileAt(location), encoding }))
      for (const row of reader.read(window)) {
        reader.width ??= widthOfRow(row.fields);
        if (headerRows > 0) {
          headerRows -= 1;
          continue;
        }
        const badEncoding = row.badEncoding ? window.encoding : null;
        yield {
          line: row.line,
          cells: fields.map(({ index, value }) => {
            const cell = index === null ? null : (row.fields[index] ?? null);
            return cell === null || cell === '' ? value : cell;
          }),
          problem:
            badEncoding ?? row.problem ?? widthProblem(row.fields, reader.width, 'first row'),
          badEncoding,
        };
      }
  }
}

function refuseEncoding(encoding: string, name: string): void {
  try {
    new TextDecoder(encoding);
  } catch {
    throw unusableCatalog(
      name,
      `is in the encoding ${JSON.stringify(encoding.slice(0, 50))}, which is not known`,
    );
  }
}
