/** CSV and TSV rows into the staging. */
import { StepError } from '../../contract/errors';
import { checkColumns } from '../catalog-columns';
import type { CatalogReading } from '../catalog-reading';
import { inPlaces } from '../catalog-staging';
import { chooseDialect, isEnoughToChoose } from './choose-dialect';
import { CsvReader } from './csv-reader';
import type { CsvRow } from './csv-reader';
import { readText } from '../text/text-window';

/** **Errors** {@link StepError} `catalog_columns`, `catalog_format`, `input`. */
export async function readCsvCatalog(reading: CatalogReading): Promise<void> {
  const { job, file } = reading;
  let reader: CsvReader | null = null;
  let places: readonly number[] | null = null;
  for await (const window of readText({ ...job, file })) {
    if (reader === null) {
      if (!isEnoughToChoose(window)) continue;
      reader = new CsvReader(chooseDialect(window, job), job.name);
    }
    for (const row of reader.read(window)) {
      if (reader.width === null) {
        places = readColumns(row, reading);
        reader.width = row.fields.length;
        if (job.header !== false) continue;
      }
      const full = takeRow(row, { width: reader.width, places }, reading);
      if (full !== undefined) await full;
    }
  }
}

/** Names the columns by the first row, or by their numbers, and returns where the catalog has them. */
function readColumns(
  row: CsvRow,
  { job, staging, imageRows }: CatalogReading,
): readonly number[] | null {
  const problem = row.badEncoding ? `not valid ${job.encoding}` : row.problem;
  if (problem !== null) {
    throw new StepError(
      'catalog_format',
      `The catalog ${job.name}, line ${row.line}: the header cannot be read (${problem}). Set \`encoding\`, \`delimiter\` or \`quote\`, or correct the header.`,
    );
  }
  const names = row.fields.map((name, index) =>
    job.header === false ? `column_${index + 1}` : name.trim(),
  );
  checkColumns(names, imageRows, job.name);
  return staging.addColumns(names);
}

function takeRow(
  row: CsvRow,
  columns: { readonly width: number; readonly places: readonly number[] | null },
  { job, rows }: CatalogReading,
): Promise<void> | undefined {
  const place = rows.next(row.line);
  if (row.badEncoding) {
    rows.rejectEncoding(place, job.encoding);
    return undefined;
  }
  const problem = row.problem ?? widthProblem(row.fields.length, columns.width, job.header);
  if (problem !== null) {
    rows.reject(place, 'bad_row', problem);
    return undefined;
  }
  return rows.take({ ...place, values: inPlaces(row.fields, columns.places), noIds: null });
}

function widthProblem(
  seen: number,
  expected: number,
  hasHeader: boolean | undefined,
): string | null {
  if (seen === expected) return null;
  return `${seen} fields where the ${hasHeader === false ? 'first row' : 'header'} has ${expected}`;
}
