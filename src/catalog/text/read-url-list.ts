/**
 * Stages a plain list of URLs, one per line, without its comments. Its only column has the name
 * that the input gives.
 */
import type { CatalogReading } from '../catalog-reading';
import { NdjsonSplitter } from '../json/json-splitter';
import { isComment } from './text-format';
import { readText } from './text-window';

/**
 * Reads the URLs of one file and stages them.
 *
 * @throws {@link StepError} `catalog_format` or `input`.
 */
export async function readUrlList({
  job,
  file,
  onRest,
  staging,
  rows,
}: CatalogReading): Promise<void> {
  const { url } = job.columns;
  staging.addColumns([typeof url === 'string' ? url : (url[0] ?? 'url')]);
  const splitter = new NdjsonSplitter(job.name);
  for await (const window of readText({ ...job, file, onRest })) {
    for (const { text, line, badEncoding } of splitter.read(window)) {
      if (isComment(text)) continue;
      const place = rows.next(line);
      if (badEncoding) {
        rows.rejectEncoding(place, window.encoding);
        continue;
      }
      const full = rows.take({ ...place, values: [text.trim()], noIds: null });
      if (full !== undefined) await full;
    }
  }
}
