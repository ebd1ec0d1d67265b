/** Reads IIIF manifests and collections. Each image on a canvas is a record. Nothing is fetched. */
import { StepError } from '../../contract/errors';
import { checkColumns } from '../catalog-columns';
import type { CatalogReading } from '../catalog-reading';
import { skipBlank, valueEnd } from '../json/json-splitter';
import { readText } from '../text/text-window';
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
  for await (const { text, isBad, encoding } of readDocuments(reading)) {
    if (isBad) {
      rows.rejectEncoding(rows.next(null), encoding);
      continue;
    }
    for (const found of walkIiif(parse(text, job.name), job.imageSize)) {
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
}

interface IiifDocument {
  readonly text: string;
  readonly encoding: string;
  /** Whether a part of the text came from invalid bytes. */
  readonly isBad: boolean;
}

/** One document, or several one behind another, as NDJSON has them. */
async function* readDocuments({ job, file, onRest }: CatalogReading): AsyncGenerator<IiifDocument> {
  // The end of a document is looked for each time that the text is twice as long.
  let nextLook = 0;
  for await (const window of readText({ ...job, file, onRest })) {
    const { complete, encoding } = window;
    if (window.text.length < nextLook && !complete) continue;
    let start = 0;
    for (;;) {
      start = skipBlank(window.text, start);
      const found = valueEnd(window.text, start, { isComplete: complete });
      const end = found < 0 && complete ? window.text.length : found;
      if (end < 0 || start >= window.text.length) break;
      yield { text: window.text.slice(start, end), encoding, isBad: window.isBad(start, end) };
      start = end;
    }
    window.drop(start);
    nextLook = window.text.length * 2;
    if (window.text.length > LONGEST_DOCUMENT)
      throw new StepError(
        'catalog_format',
        `The catalog ${job.name} is longer than ${LONGEST_DOCUMENT} characters, which no IIIF manifest is.`,
      );
  }
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
