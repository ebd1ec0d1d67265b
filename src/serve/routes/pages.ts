/** The pages. */
import type { Context, Hono } from 'hono';
import { readReport, REPORT_POLICY } from '../files/read-report';
import { HttpProblem } from '../http-problem';
import { parseImageQuery } from '../images/image-query';
import { groupsBody, parseGroupsQuery } from '../pages/groups';
import { whyThereIsNoImage } from '../images/why-no-image';
import { imageBody } from '../pages/image-page/image-body';
import { wantedId } from '../images/wanted-id';
import { imagesBody } from '../pages/images';
import { page, type PageOptions } from '../pages/layout';
import { modelsBody } from '../pages/models';
import { overviewBody } from '../pages/overview';
import { qualityBody } from '../pages/quality';
import { runBody } from '../pages/run';
import { runsBody } from '../pages/runs';
import { selectionBody } from '../pages/selection';
import { parseTableQuery, tableBody } from '../pages/table';
import { tablesBody } from '../pages/tables';
import { REPAIR_WORKFLOW_ID } from '../../contract/run-record';
import type { Markup } from '../../report/html/html';
import { hasEnded, type RunFacts } from '../../report/report-facts';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import {
  parametersOf,
  withPresentSnapshot,
  withSnapshot,
  type ServeEnv,
  type ServeParts,
} from './serve-parts';

/** The most pictures whose files are looked for before the browser asks for them. */
const MOST_PICTURES = 500;

type PageContext = Context<ServeEnv>;

export function addPages(app: Hono<ServeEnv>, parts: ServeParts): void {
  app.get('/', (context) =>
    withSnapshot(context, parts, async (snapshot) => {
      const body = await overviewBody(snapshot, await newestRuns(parts), parts.dataRoot);
      return show(context, parts, { title: 'Overview', place: '/', snapshot, body });
    }),
  );
  addImagePages(app, parts);
  app.get('/groups', (context) =>
    withPresentSnapshot(context, parts, async (snapshot) => {
      const body = await groupsBody(
        snapshot,
        parseGroupsQuery(parametersOf(context)),
        parts.dataRoot,
      );
      return show(context, parts, { title: 'Groups', place: '/groups', snapshot, body });
    }),
  );
  addTablePages(app, parts);
  addRunPages(app, parts);
}

function addTablePages(app: Hono<ServeEnv>, parts: ServeParts): void {
  app.get('/quality', (context) =>
    withPresentSnapshot(context, parts, async (snapshot) => {
      const body = await qualityBody(snapshot, parts.dataRoot);
      return show(context, parts, { title: 'Quality', place: '/quality', snapshot, body });
    }),
  );
  app.get('/models', (context) =>
    withPresentSnapshot(context, parts, async (snapshot) => {
      const name = context.req.query('name') ?? null;
      const body = await modelsBody(snapshot, name, parts.dataRoot);
      return show(context, parts, { title: 'Models', place: '/models', snapshot, body });
    }),
  );
  app.get('/tables', (context) =>
    withPresentSnapshot(context, parts, async (snapshot) => {
      const query = parseTableQuery(parametersOf(context));
      const body = query === null ? await tablesBody(snapshot) : await tableBody(snapshot, query);
      const title = query?.name.slice(0, 80) ?? 'Tables';
      const isWide = query !== null;
      return show(context, parts, { title, place: '/tables', isWide, snapshot, body });
    }),
  );
}

function addImagePages(app: Hono<ServeEnv>, parts: ServeParts): void {
  app.get('/images', (context) =>
    withPresentSnapshot(context, parts, async (snapshot) => {
      const body = await imagesBody(snapshot, parseImageQuery(parametersOf(context)));
      const scripts = ['/assets/grid.mjs', '/assets/facets.mjs'];
      const options = { title: 'Images', place: '/images', isWide: true, scripts, snapshot, body };
      return show(context, parts, options);
    }),
  );
  app.get('/selection', (context) =>
    withPresentSnapshot(context, parts, async (snapshot) => {
      const query = parseImageQuery(parametersOf(context));
      const body = await selectionBody(snapshot, query, parts.dataRoot);
      return show(context, parts, { title: 'Selection', place: '/images', snapshot, body });
    }),
  );
  app.get('/image', (context) =>
    withPresentSnapshot(context, parts, async (snapshot) => {
      const parameters = parametersOf(context);
      const id = await wantedId(snapshot, parameters);
      const body = id === null ? null : await imageBody(snapshot, id, parts.dataRoot);
      if (id === null || body === null)
        throw new HttpProblem(404, await whyThereIsNoImage(snapshot, parameters.get('id') ?? ''));
      const title = Array.from(id).slice(0, 80).join('');
      return show(context, parts, { title, place: '/images', snapshot, body });
    }),
  );
}

function addRunPages(app: Hono<ServeEnv>, parts: ServeParts): void {
  app.get('/runs', (context) =>
    withSnapshot(context, parts, async (snapshot) => {
      const body = runsBody(await parts.runs.entries());
      return show(context, parts, { title: 'Runs', place: '/runs', snapshot, body });
    }),
  );
  app.get('/runs/:run', (context) =>
    withSnapshot(context, parts, async (snapshot) => {
      const { entry, facts } = await runOf(parts, context.req.param('run'));
      const executionId = parts.runs.executionOf(entry);
      const run = { facts, entry, temporal: parts.temporal, executionId };
      const body = await runBody(snapshot, run);
      const title = `Run ${facts.workflowId.slice(0, 80)}`;
      const scripts = hasEnded(facts.state) ? [] : ['/assets/run.mjs'];
      return show(context, parts, { title, place: '/runs', scripts, snapshot, body });
    }),
  );
  app.get('/runs/:run/report', async (context) => {
    const { entry } = await runOf(parts, context.req.param('run'));
    context.header('Content-Security-Policy', REPORT_POLICY);
    return context.html(await readReport(parts.dataRoot, entry.runId));
  });
}

function show(
  context: PageContext,
  { follower, files }: ServeParts,
  options: Omit<PageOptions, 'problem'> & { readonly snapshot: OpenSnapshot | null },
): Response | Promise<Response> {
  const pictures = picturesIn(options.body);
  // The search is under way when the browser asks for the pictures, which wait for it then.
  if (pictures.length > 0)
    void follower
      .use((snapshot) => (snapshot === null ? Promise.resolve() : files.lookUp(snapshot, pictures)))
      .catch(() => undefined);
  return context.html(page({ ...options, problem: follower.problem }));
}

/** The files whose pictures the page shows. No text of a catalog has the quotation mark. */
function picturesIn({ text }: Markup): readonly string[] {
  const found = text.matchAll(/"\/preview\/([0-9a-f]{64})/g);
  return [...new Set([...found].map(([, sha256 = '']) => sha256))].slice(0, MOST_PICTURES);
}

/** Only ids of runs that are there lead to a folder. */
async function runOf({ runs }: ServeParts, runId: string) {
  const entry = await runs.entry(runId);
  const facts = entry === null ? null : runs.facts(entry);
  if (entry === null || facts === null) throw new HttpProblem(404, 'There is no such run.');
  return { entry, facts };
}

/** Of each collection the newest run that may take all of its images, which a repair may not. */
async function newestRuns({ runs }: ServeParts) {
  const entries = await runs.entries();
  const newest = new Map<string | null, RunFacts>();
  for (const entry of entries) {
    const collection = entry.collection ?? null;
    const isRepair = entry.workflowId === REPAIR_WORKFLOW_ID;
    const facts = isRepair || newest.has(collection) ? null : runs.facts(entry);
    if (facts !== null && facts.commands.againFailed !== null) newest.set(collection, facts);
  }
  return { entries, newest: [...newest.values()] };
}
