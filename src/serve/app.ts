/** Which address is answered by what. */
import { Hono } from 'hono';
import { addAnswers } from './routes/answers';
import { addAssets } from './routes/assets';
import { addPages } from './routes/pages';
import { addSql } from './routes/sql';
import { answerProblem, type ServeEnv, type ServeParts } from './routes/serve-parts';
import { createGuard, securityHeaders, type GuardOptions } from './guard/guard';
import { HttpProblem } from './http-problem';

/** The application, which needs no socket. */
export function createApp(parts: ServeParts, guard: GuardOptions): Hono<ServeEnv> {
  const app = new Hono<ServeEnv>();
  app.use(securityHeaders);
  app.use(createGuard(guard));
  addAssets(app);
  addPages(app, parts);
  addAnswers(app, parts);
  addSql(app, parts);
  app.notFound((context) =>
    answerProblem(context, parts, new HttpProblem(404, 'There is no such page.')),
  );
  app.onError((error, context) => answerProblem(context, parts, error));
  return app;
}
