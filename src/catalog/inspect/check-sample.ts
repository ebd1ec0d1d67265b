/** Checks the input of a run against the first records of its catalog. */
import { hasScheme } from '../../contract/catalog/url-template';
import { artemisCommand } from '../../contract/commands/printed-command';
import { StepError } from '../../contract/errors';
import type { ParseJob } from '../../processes/process-messages';
import { checkColumns } from '../catalog-columns';
import { closestName } from '../closest-name';
import type { ColumnList } from '../column-list';
import type { ColumnPath } from '../records/column-path';
import { ImageRows } from '../records/image-rows';
import { withTextFormat } from '../text/text-format';
import type { CatalogCheck } from './inspection';
import { readSample } from './read-sample';
import type { SampleSize } from './record-sample';

const SAMPLE: SampleSize = { records: 10_000, text: 16 << 20 };

/**
 * @throws StepError that the run would end with: `catalog_columns`, `catalog_format`, `input`, ….
 */
export async function checkSample(given: ParseJob): Promise<CatalogCheck> {
  const job = await withTextFormat(given);
  const { rows, columns, isWhole } = await readSample(job, SAMPLE);
  if (isWhole && rows.records.length === 0 && rows.references.length > 0)
    throw new StepError(
      'input',
      `The catalog ${job.name} holds no image: it references ${rows.references.length} IIIF manifests, of which the first is ${JSON.stringify(rows.references[0])}, and they are not fetched. \`${artemisCommand('inspect', null)}\` prints the command that fetches them into a folder, which is a catalog.`,
    );
  const imageRows = new ImageRows(job, columns);
  if (!isWhole && isMisspelt(imageRows, columns))
    checkColumns(columns.columns, imageRows, job.name);
  let [urls, withoutScheme, otherScheme] = [0, 0, 0];
  let example: string | null = null;
  let exampleOfOther: string | null = null;
  for (const record of rows.records) {
    const found = imageRows.rowsOf(record);
    if ('code' in found) continue;
    for (const { url } of found) {
      if (url === null) continue;
      urls += 1;
      if (/^https?:/i.test(url)) continue;
      if (hasScheme(url)) {
        otherScheme += 1;
        exampleOfOther ??= url.slice(0, 200);
        continue;
      }
      withoutScheme += 1;
      example ??= url.slice(0, 200);
    }
  }
  return {
    kind: 'check',
    records: rows.records.length,
    isWhole,
    urls,
    withoutScheme,
    otherScheme,
    example: example ?? exampleOfOther,
  };
}

/**
 * Whether columns that the first records lack will not come. The columns of JSON are known when all
 * of it has been read, and URLs may come late; ids do not, nor does a name that is nearly another.
 */
function isMisspelt({ idPaths, urlPaths }: ImageRows, columns: ColumnList): boolean {
  const isAbsent = (path: ColumnPath): boolean =>
    path.find((column) => columns.indexOf(column)) === null;
  const isNearOther = ({ text }: ColumnPath): boolean =>
    closestName(text, columns.columns) !== null;
  return idPaths.some(isAbsent) || urlPaths.filter(isAbsent).some(isNearOther);
}
