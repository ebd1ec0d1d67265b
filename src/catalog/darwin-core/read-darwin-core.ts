/**
 * Reads the table with the images of a Darwin Core archive, as GBIF and museums publish them: that
 * of the multimedia, or else the core. The terms are the names of the columns.
 */
import path from 'node:path';
import { shellWord } from '../../contract/commands/shell-word';
import { checkColumns } from '../catalog-columns';
import type { CatalogReading } from '../catalog-reading';
import { CsvReader } from '../csv/csv-reader';
import { widthProblem } from '../csv/width-problem';
import { readBytes } from '../text/catalog-bytes';
import { packingOf } from '../text/packed-bytes';
import { readText } from '../text/text-window';
import { unusableCatalog } from '../text/unusable-catalog';
import { zippedNames } from '../text/zipped-file';
import { parseMetafile, type ArchiveTable } from './parse-metafile';

const METAFILE = 'meta.xml';
/** Metafiles that we know have 20 to 60 kB. */
const LARGEST_METAFILE = 4 << 20;
const IMAGES = /(?:multimedia|image)$/i;

/** Whether the file is a zip archive with a metafile; false for every other file. */
export async function isDarwinCore(file: string, name: string): Promise<boolean> {
  return (await metafileIn(file, name)) !== undefined;
}

/** @throws StepError `catalog_columns`; `catalog_format` for an archive that is not read. */
export async function readDarwinCore(reading: CatalogReading): Promise<void> {
  const { job, file, staging, imageRows } = reading;
  const metafile = await metafileIn(file, job.name);
  if (metafile === undefined)
    throw unusableCatalog(job.name, `has no ${METAFILE}: it is no zip archive of Darwin Core`);
  const tables = parseMetafile(await readMetafile(reading, metafile));
  if (typeof tables === 'string')
    throw unusableCatalog(job.name, `has a ${METAFILE} that cannot be used: ${tables}`);
  const table = chooseTable(tables, reading);
  const names = table.fields.map(({ name }) => name);
  checkColumns(names, imageRows, job.name);
  const places = staging.addColumns(names) ?? [...names.keys()];
  for (const location of table.locations)
    await takeRows(reading, {
      table,
      places,
      member: path.posix.join(path.posix.dirname(metafile), location),
    });
}

/** The path of the metafile in the archive; undefined where there is none, or no archive. */
async function metafileIn(file: string, name: string): Promise<string | undefined> {
  if ((await packingOf(file)) !== 'zip') return undefined;
  const names = await zippedNames(file, name);
  return names.find((one) => path.posix.basename(one) === METAFILE && one.split('/').length <= 2);
}

async function readMetafile({ job, file }: CatalogReading, member: string): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of readBytes({ file, name: job.name, member })) {
    length += chunk.length;
    if (length > LARGEST_METAFILE)
      throw unusableCatalog(job.name, `has a ${METAFILE} of more than ${LARGEST_METAFILE} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
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

/** Where the rows of a table are, and where the catalog has their columns. */
interface TableFile {
  readonly table: ArchiveTable;
  readonly places: readonly number[];
  readonly member: string;
}

async function takeRows(
  { job, file, rows }: CatalogReading,
  { table, places, member }: TableFile,
): Promise<void> {
  const { delimiter, quote, encoding, fields } = table;
  const reader = new CsvReader({ delimiter, quote, escape: null }, job.name);
  let headerRows = table.headerRows;
  refuseEncoding(encoding, job.name);
  for await (const window of readText({ file, name: job.name, member, encoding }))
    for (const row of reader.read(window)) {
      reader.width ??= row.fields.length;
      if (headerRows > 0) {
        headerRows -= 1;
        continue;
      }
      const place = rows.next(row.line);
      const problem = row.problem ?? widthProblem(row, reader.width, 'first row');
      if (row.badEncoding) rows.rejectEncoding(place, window.encoding);
      else if (problem !== null) rows.reject(place, 'bad_row', problem);
      else {
        const values: (string | null)[] = [];
        for (const [n, { index, value }] of fields.entries()) {
          const cell = index === null ? null : (row.fields[index] ?? null);
          values[places[n] ?? n] = cell === null || cell === '' ? value : cell;
        }
        const full = rows.take({ ...place, values, noIds: null });
        if (full !== undefined) await full;
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
