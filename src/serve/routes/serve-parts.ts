/** What the answers have in common: the parts they are made of, and how a problem is shown. */
import type { Context } from 'hono';
import type { Logger } from 'pino';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { KnownFiles } from '../files/known-files';
import type { RunFiles } from '../files/run-files';
import { HttpProblem } from '../http-problem';
import type { ImageLists } from '../images/image-lists';
import { page, problemBody } from '../pages/layout';
import type { Previews } from '../previews/previews';
import type { SqlCage } from '../sql/sql-cage';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import type { SnapshotFollower } from '../snapshot/snapshot-follower';
import type { TemporalLinks } from '../temporal-links';

export interface ServeParts {
  readonly dataRoot: string;
  readonly follower: SnapshotFollower;
  readonly lists: ImageLists;
  readonly files: KnownFiles;
  readonly runs: RunFiles;
  readonly previews: Previews;
  readonly cage: SqlCage;
  readonly temporal: TemporalLinks;
  readonly log: Logger;
}

export interface ServeEnv {
  readonly Variables: Record<string, never>;
}

/** The query of the address. */
export function parametersOf(context: Context): URLSearchParams {
  return new URL(context.req.url).searchParams;
}

/** Does the work with the newest snapshot, whose id the answer names. */
export function withSnapshot(
  context: Context,
  { follower }: ServeParts,
  work: (snapshot: OpenSnapshot | null) => Promise<Response>,
): Promise<Response> {
  return follower.use((snapshot) => {
    if (snapshot !== null) context.header('X-Snapshot', snapshot.id);
    return work(snapshot);
  });
}

/** The same for an answer that cannot do without. @throws HttpProblem 503. */
export function withPresentSnapshot(
  context: Context,
  parts: ServeParts,
  work: (snapshot: OpenSnapshot) => Promise<Response>,
): Promise<Response> {
  return withSnapshot(context, parts, (snapshot) => {
    if (snapshot !== null) return work(snapshot);
    throw new HttpProblem(
      503,
      parts.follower.problem === null
        ? 'There is no snapshot yet. It appears with the first commit of a run.'
        : `The published snapshot cannot be read: ${parts.follower.problem}`,
    );
  });
}

const TITLES: Readonly<Record<HttpProblem['status'], string>> = {
  400: 'This address cannot be read',
  401: 'A token is needed',
  403: 'This request is refused',
  404: 'Not found',
  405: 'This server only reads',
  414: 'This address is too long',
  503: 'Not now',
};

/** Programs get JSON, people a page. An error of ours is logged, and its text stays here. */
export function answerProblem(context: Context, parts: ServeParts, error: unknown): Response {
  const isKnown = error instanceof HttpProblem;
  if (!isKnown) parts.log.error({ err: error, path: context.req.path }, 'a request failed');
  const status: ContentfulStatusCode = isKnown ? error.status : 500;
  const message = isKnown ? error.message : 'This is a bug of artemis-pipeline. The log has more.';
  if (status === 503) context.header('Retry-After', '2');
  if (context.req.path.startsWith('/api/')) return context.json({ error: message }, status);
  const title = isKnown ? TITLES[error.status] : 'This went wrong';
  const body = problemBody(title, message);
  return context.html(page({ title, place: '', snapshot: null, problem: null, body }), status);
}
