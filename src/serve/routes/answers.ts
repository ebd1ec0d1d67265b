/** Answers for scripts and programs: JSON, and the files of the images. */
import type { Context, Hono } from 'hono';
import { answerWithExport } from '../files/export-answer';
import { answerWithFile, answerWithPreview } from '../files/file-answer';
import { HttpProblem } from '../http-problem';
import { exportNames, EXPORTS, exportSqls, ID_LIST, idsSqls } from '../images/export-sql';
import type { List } from '../images/image-lists';
import { parseImageQuery } from '../images/image-query';
import { MOST_IMAGES, readImages } from '../images/image-rows';
import type { RowsAnswer } from '../json-answers';
import { runProgress } from '../pages/run-progress';
import { SIDES } from '../previews/previews';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import { parametersOf, withPresentSnapshot, type ServeEnv, type ServeParts } from './serve-parts';

export function addAnswers(app: Hono<ServeEnv>, parts: ServeParts): void {
  const { lists, files, dataRoot, previews } = parts;
  app.get('/api/images', (context) =>
    withPresentSnapshot(context, parts, async (snapshot) => {
      const parameters = parametersOf(context);
      const range = {
        from: numberParameter(parameters, 'from', 0, 2 ** 32),
        count: numberParameter(parameters, 'count', MOST_IMAGES, MOST_IMAGES),
      };
      const { total, rows } = await lists.slice(snapshot, parseImageQuery(parameters), range);
      const answer: RowsAnswer = { total, images: await readImages(snapshot, rows, files) };
      return context.json(answer);
    }),
  );
  app.get('/api/facets', (context) =>
    withPresentSnapshot(context, parts, async (snapshot) => {
      const query = parseImageQuery(parametersOf(context));
      return context.json(await lists.facetsOf(snapshot, query));
    }),
  );
  addExports(app, parts);
  app.get('/api/runs/:run', async (context) => {
    const runId = context.req.param('run');
    const entry = await parts.runs.entry(runId);
    if (entry === null) throw new HttpProblem(404, 'There is no such run.');
    return context.json(runProgress(entry));
  });
  app.get('/file/:sha256', (context) =>
    withPresentSnapshot(context, parts, (snapshot) => {
      const sha256 = context.req.param('sha256');
      return answerWithFile({ context, dataRoot, snapshot, files, sha256 });
    }),
  );
  app.get('/preview/:sha256', (context) =>
    withPresentSnapshot(context, parts, (snapshot) => {
      const sha256 = context.req.param('sha256');
      const side = sideParameter(parametersOf(context));
      return answerWithPreview({ context, dataRoot, snapshot, files, sha256, previews, side });
    }),
  );
}

/** @throws HttpProblem 400. */
function sideParameter(parameters: URLSearchParams): number {
  const side = Number(parameters.get('size') ?? SIDES[0]);
  if (SIDES.includes(side)) return side;
  throw new HttpProblem(400, `"size" is one of ${SIDES.join(', ')}.`);
}

/** The images of a query, and their ids alone, as files to save. */
function addExports(app: Hono<ServeEnv>, parts: ServeParts): void {
  const rowsOf = (context: Context, snapshot: OpenSnapshot): Promise<List> =>
    parts.lists.all(snapshot, parseImageQuery(parametersOf(context)));
  for (const name of exportNames())
    app.get(`/api/images.${name}`, (context) =>
      withPresentSnapshot(context, parts, (snapshot) =>
        answerWithExport({
          context,
          snapshot,
          name: 'images',
          format: EXPORTS[name],
          select: async () => exportSqls(snapshot, await rowsOf(context, snapshot), name),
        }),
      ),
    );
  app.get('/api/ids.ndjson', (context) =>
    withPresentSnapshot(context, parts, (snapshot) =>
      answerWithExport({
        context,
        snapshot,
        name: 'ids',
        format: ID_LIST,
        select: async () => idsSqls(await rowsOf(context, snapshot)),
      }),
    ),
  );
}

/** @throws HttpProblem 400. */
function numberParameter(
  parameters: URLSearchParams,
  name: string,
  byDefault: number,
  most: number,
): number {
  const value = Number(parameters.get(name) ?? byDefault);
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new HttpProblem(400, `"${name}" is a whole number from 0 to ${most}.`);
}
