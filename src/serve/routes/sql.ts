/** The page for SQL of users, and the results of their queries as files. */
import type { Context, Hono } from 'hono';
import { sendFile } from '../files/file-answer';
import { isOfOtherSite } from '../guard/guard';
import { HttpProblem } from '../http-problem';
import { EXPORTS } from '../images/export-sql';
import { page } from '../pages/layout';
import { parseSql, sqlBody, type SqlResult } from '../pages/sql';
import { RESULT_FORMATS, type SqlFormat, type SqlProblem } from '../sql/sql-job';
import { parametersOf, withPresentSnapshot, type ServeEnv, type ServeParts } from './serve-parts';

export function addSql(app: Hono<ServeEnv>, parts: ServeParts): void {
  const { cage, follower } = parts;
  app.get('/sql', (context) =>
    withPresentSnapshot(context, parts, async (snapshot) => {
      const sql = parseSql(parametersOf(context));
      const result = await resultOf(context, sql, () =>
        cage.rows(snapshot, sql, context.req.raw.signal),
      );
      const body = sqlBody(sql, result);
      const frame = { title: 'SQL', place: '/sql', isWide: true, snapshot, body };
      return context.html(page({ ...frame, problem: follower.problem }));
    }),
  );
  for (const format of RESULT_FORMATS)
    app.get(`/api/sql.${format}`, (context) => answerWithResult(context, parts, format));
}

/** A link on another site leads to the query, and the user decides whether it is run. */
async function resultOf(
  context: Context,
  sql: string,
  run: () => Promise<SqlResult>,
): Promise<SqlResult> {
  if (sql.trim() === '' || context.req.method === 'HEAD') return null;
  return isOfOtherSite(context) ? 'foreign' : run();
}

function answerWithResult(
  context: Context<ServeEnv>,
  parts: ServeParts,
  format: SqlFormat,
): Promise<Response> {
  return withPresentSnapshot(context, parts, async (snapshot) => {
    if (isOfOtherSite(context))
      throw new HttpProblem(403, 'Another site may not run a query. Open the page /sql.');
    const sql = parseSql(parametersOf(context));
    const { extension, type } = EXPORTS[format];
    const headers = {
      'Content-Type': type,
      'Content-Disposition': `attachment; filename="result.${extension}"`,
    };
    if (context.req.method === 'HEAD') return context.body(null, 200, headers);
    const made = await parts.cage.file(snapshot, { sql, format }, context.req.raw.signal);
    if ('kind' in made) throw new HttpProblem(400, problemText(made));
    const { size } = await made.stat();
    return sendFile(context, { handle: made, size }, headers);
  });
}

function problemText({ message, place }: SqlProblem): string {
  return place === null ? message : `Line ${place.line}, column ${place.column}: ${message}`;
}
