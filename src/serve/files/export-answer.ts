/** The images of a query as a file to save. */
import type { Context } from 'hono';
import type { ExportFormat } from '../images/export-sql';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import { sendFile } from './file-answer';

/**
 * Sends a file that is made whole first, outside the data root, so that a slow reader keeps no
 * query waiting, and memory does not grow with the result.
 *
 * @param name the name of the file without its extension.
 * @param select the queries whose results the file has.
 * @throws HttpProblem 503.
 */
export async function answerWithExport(options: {
  readonly context: Context;
  readonly snapshot: OpenSnapshot;
  readonly name: string;
  readonly format: ExportFormat;
  readonly select: () => Promise<Iterable<string>>;
}): Promise<Response> {
  const { context, snapshot, name, format, select } = options;
  const headers = {
    'Content-Type': format.type,
    'Content-Disposition': `attachment; filename="${name}.${format.extension}"`,
  };
  if (context.req.method === 'HEAD') return context.body(null, 200, headers);
  const { signal } = context.req.raw;
  const handle = await snapshot.resultFile({ parts: await select(), format, signal });
  const { size } = await handle.stat();
  return sendFile(context, { handle, size }, headers);
}
