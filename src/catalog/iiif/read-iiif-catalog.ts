/** Reads IIIF manifests and collections. Each image on a canvas is a record. Nothing is fetched. */
import { StepError } from '../../contract/errors';
import { checkColumns } from '../catalog-columns';
import type { CatalogReading } from '../catalog-reading';
import { readText, type TextWindow } from '../text/text-window';
import { IIIF_COLUMNS, walkIiif } from './walk-iiif';

/** The largest manifests, of newspapers and archives, have a tenth of it. In UTF-16 units. */
const LONGEST_DOCUMENT = 64 << 20;

/**
 * @throws StepError `catalog_columns`; `catalog_format` for a file that is no JSON, or too long.
 */
export async function readIiifCatalog(reading: CatalogReading): Promise<void> {
  const { job, staging, rows, imageRows } = reading;
  checkColumns(IIIF_COLUMNS, imageRows, job.name);
  const places = IIIF_COLUMNS.map((name) => staging.indexOf(name) ?? staging.addColumn(name));
  const window = await readWhole(reading);
  if (window.isBad(0, window.text.length)) {
    rows.rejectEncoding(rows.next(null), window.encoding);
    return;
  }
  for (const found of walkIiif(parse(window.text, job.name), job.imageSize)) {
    const place = rows.next(null);
    if (found.kind === 'problem') rows.reject(place, 'bad_row', found.detail);
    else if (found.kind === 'reference')
      rows.reject(
        place,
        'not_fetched',
        `${found.what} that is only referenced: ${found.url}`,
        found.url,
      );
    else {
      const values: (string | null)[] = [];
      for (const [index, at] of places.entries()) values[at] = found.values[index] ?? null;
      const full = rows.take({ ...place, values, noIds: null });
      if (full !== undefined) await full;
    }
  }
}

async function readWhole({ job, file }: CatalogReading): Promise<TextWindow> {
  for await (const window of readText({ ...job, file })) {
    if (window.text.length > LONGEST_DOCUMENT)
      throw new StepError(
        'catalog_format',
        `The catalog ${job.name} is longer than ${LONGEST_DOCUMENT} characters, which no IIIF manifest is.`,
      );
    if (window.complete) return window;
  }
  throw new Error('the text has no end');
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const problem = error instanceof Error ? error.message.slice(0, 200) : 'unknown';
    throw new StepError(
      'catalog_format',
      `The catalog ${name} is no valid JSON (${problem}). It may be cut short: fetch it again.`,
      { cause: error },
    );
  }
}
