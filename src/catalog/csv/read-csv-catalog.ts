/** CSV and TSV rows into the staging. */
import { StepError } from '../../contract/errors';
import { checkColumns } from '../catalog-columns';
import type { CatalogRows } from '../catalog-rows';
import type { CatalogStaging } from '../catalog-staging';
import type { ParseJob } from '../../processes/process-messages';
import { chooseDialect, isEnoughToChoose } from './choose-dialect';
import { CsvReader } from './csv-reader';
import type { CsvRow } from './csv-reader';
import { readText } from '../text/text-window';

interface Header {
  readonly width: number;
  readonly id: number;
  readonly url: number;
}

/** **Errors** {@link StepError} `catalog_columns`, `catalog_format`, `input`. */
export async function readCsvCatalog(
  job: ParseJob,
  staging: CatalogStaging,
  rows: CatalogRows,
): Promise<void> {
  let reader: CsvReader | null = null;
  let header: Header | null = null;
  for await (const window of readText({ ...job, file: job.catalog })) {
    if (reader === null) {
      if (!isEnoughToChoose(window)) continue;
      reader = new CsvReader(chooseDialect(window, job), job.name);
    }
    for (const row of reader.read(window)) {
      if (header === null) {
        header = readHeader(row, job, staging);
        reader.width = header.width;
        continue;
      }
      const full = takeRow(row, header, job, rows);
      if (full !== undefined) await full;
    }
  }
}

function readHeader(row: CsvRow, job: ParseJob, staging: CatalogStaging): Header {
  const problem = row.badEncoding ? `not valid ${job.encoding}` : row.problem;
  if (problem !== null) {
    throw new StepError(
      'catalog_format',
      `The catalog ${job.name}, line ${row.line}: the header cannot be read (${problem}). Set \`encoding\`, \`delimiter\` or \`quote\`, or correct the header.`,
    );
  }
  const names = row.fields.map((name) => name.trim());
  checkColumns(names, job.columns, job.name);
  for (const name of names) staging.addColumn(name);
  return {
    width: names.length,
    id: names.indexOf(job.columns.id),
    url: names.indexOf(job.columns.url),
  };
}

function takeRow(
  row: CsvRow,
  header: Header,
  job: ParseJob,
  rows: CatalogRows,
): Promise<void> | undefined {
  const place = rows.next(row.line);
  if (row.badEncoding) {
    rows.reject(
      place,
      'bad_encoding',
      `not valid ${job.encoding}; set \`encoding\` if it is another`,
    );
    return undefined;
  }
  const problem = row.problem ?? widthProblem(row.fields.length, header.width);
  if (problem !== null) {
    rows.reject(place, 'bad_row', problem);
    return undefined;
  }
  const { fields } = row;
  const id = fields[header.id] ?? null;
  const url = fields[header.url] ?? null;
  return rows.take({ ...place, id, isNoId: false, url, values: fields });
}

function widthProblem(seen: number, expected: number): string | null {
  return seen === expected ? null : `${seen} fields where the header has ${expected}`;
}
