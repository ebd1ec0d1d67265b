/** `/groups`: exact copies, and the groups of the step `clusters`. */
import { artemisCommand } from '../../contract/commands/printed-command';
import { bytesText, countText } from '../../contract/quantities';
import { literal } from '../../duckdb/sql-text';
import { numberIn, type Answer, type Row } from '../../report/ask';
import { queryDetails, unanswered } from '../../report/html/answer-table';
import { foreign, html, join, NOTHING, type Markup } from '../../report/html/html';
import { ask } from '../images/image-lists';
import { imagesLink } from '../images/image-query';
import { HttpProblem } from '../http-problem';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import { pager } from './pager';
import { pictureList, type Picture } from './picture';

const KINDS = {
  exact: 'Same bytes',
  near: 'Near duplicates',
  visual: 'Look alike',
} as const;

type Kind = keyof typeof KINDS;

/** Groups of one page, and pictures of one group. */
const GROUPS = 20;
const PICTURES = 7;

/** The last page that is offered. */
const MOST_PAGES = 5_000;

export interface GroupsQuery {
  readonly kind: Kind;
  /** From 1. */
  readonly page: number;
}

/** @throws HttpProblem 400. */
export function parseGroupsQuery(parameters: URLSearchParams): GroupsQuery {
  const kind = (Object.keys(KINDS) as Kind[]).find(
    (one) => one === (parameters.get('kind') ?? 'exact'),
  );
  if (kind === undefined)
    throw new HttpProblem(400, `"kind" is one of ${Object.keys(KINDS).join(', ')}.`);
  const page = Number(parameters.get('page') ?? '1');
  if (!Number.isInteger(page) || page < 1 || page > MOST_PAGES)
    throw new HttpProblem(400, `"page" is a number from 1 to ${MOST_PAGES}.`);
  return { kind, page };
}

export async function groupsBody(
  snapshot: OpenSnapshot,
  query: GroupsQuery,
  dataRoot: string,
): Promise<Markup> {
  return html`<h1>Groups</h1>
    ${tabs(query)} ${await contents(snapshot, query, dataRoot)}`;
}

function tabs({ kind }: GroupsQuery): Markup {
  const links = Object.entries(KINDS).map(([name, title]) =>
    name === kind
      ? html`<li><a href="/groups?kind=${name}" aria-current="true">${title}</a></li> `
      : html`<li><a href="/groups?kind=${name}">${title}</a></li> `,
  );
  return html`<nav class="tabs" aria-label="Kinds of groups">
    <ul>
      ${join(links)}
    </ul>
  </nav>`;
}

async function contents(
  snapshot: OpenSnapshot,
  query: GroupsQuery,
  dataRoot: string,
): Promise<Markup> {
  const { kind, page } = query;
  if (kind !== 'exact' && !snapshot.relations.has('cluster_member'))
    return html`<p>
        These groups are found by the steps <code>features</code> and <code>clusters</code>, which
        no run has done yet. This run downloads nothing, and does them for what is stored:
      </p>
      <pre>${artemisCommand('run --steps features,clusters,publish', dataRoot)}</pre>`;
  const groups = await ask(snapshot, kind === 'exact' ? copiesSql(page) : groupsSql(kind, page));
  if (!('rows' in groups)) return unanswered(groups, groups.problem);
  const shown = groups.rows.slice(0, GROUPS);
  const members = await ask(snapshot, membersSql(kind, shown));
  if (shown.length === 0)
    return html`<p>
        ${page === 1 ? 'There are no such groups.' : 'There are no groups on this page.'}
      </p>
      ${queryDetails(groups)}`;
  return html`${join(shown.map((group) => groupMarkup(kind, group, members)))}
  ${pager({
    label: 'Pages of groups',
    page,
    isLast: groups.rows.length <= GROUPS,
    address: (to) => `/groups?kind=${kind}&page=${to}`,
    before: 'Larger groups',
    after: 'Smaller groups',
  })}
  ${queryDetails(groups)}`;
}

/** Copies need no step of their own. One group more shows that there is a next page. */
function copiesSql(page: number): string {
  return `SELECT thumb_sha256 AS group_id, count(*)::INTEGER AS images, 1 AS files, NULL AS label,
  ((count(DISTINCT thumb_url_hash) - 1) * any_value(thumb_bytes))::BIGINT AS wasted_bytes
FROM image WHERE state = 'stored' AND thumb_sha256 IS NOT NULL
GROUP BY thumb_sha256 HAVING count(*) > 1
ORDER BY images DESC, group_id LIMIT ${GROUPS + 1} OFFSET ${(page - 1) * GROUPS}`;
}

function groupsSql(kind: Kind, page: number): string {
  return `SELECT cluster_id AS group_id, size AS images, files, label, wasted_bytes
FROM cluster WHERE kind = ${literal(kind)}
  AND cluster_id IN (SELECT cluster_id FROM cluster_member WHERE kind = ${literal(kind)})
ORDER BY images DESC, group_id LIMIT ${GROUPS + 1} OFFSET ${(page - 1) * GROUPS}`;
}

function membersSql(kind: Kind, groups: readonly Row[]): string {
  const ids = groups.map((row) => literal(String(row.group_id))).join(', ') || 'NULL';
  if (kind === 'exact')
    return `SELECT thumb_sha256 AS group_id, source_image_id AS id, thumb_sha256 AS sha256 FROM image
WHERE state = 'stored' AND thumb_sha256 IN (${ids})
QUALIFY row_number() OVER (PARTITION BY thumb_sha256 ORDER BY record, source_image_id) <= ${PICTURES}`;
  return `SELECT cluster_id AS group_id, source_image_id AS id, sha256 FROM cluster_member
WHERE kind = ${literal(kind)} AND cluster_id IN (${ids})
QUALIFY row_number() OVER (PARTITION BY cluster_id ORDER BY distance, source_image_id) <= ${PICTURES}`;
}

function groupMarkup(kind: Kind, group: Row, members: Answer): Markup {
  const id = String(group.group_id);
  const rows = 'rows' in members ? members.rows : [];
  const pictures = rows.filter((row) => row.group_id === id).map(asPicture);
  const address =
    kind === 'exact'
      ? imagesLink({ filters: { sha256: id, state: 'stored' } })
      : imagesLink({ group: { kind, id } });
  const wasted = numberIn(group, 'wasted_bytes');
  const label = group.label == null ? NOTHING : html` · ${foreign(String(group.label))}`;
  return html`<section class="group" aria-label="Group ${id.slice(0, 16)}">
    <h2><a href="${address}">${countText(numberIn(group, 'images'), 'image')}</a>${label}</h2>
    <p class="quiet">
      ${
        kind === 'exact' ? 'One file with these bytes' : countText(numberIn(group, 'files'), 'file')
      }${wasted > 0 ? `, ${bytesText(wasted)} beyond one copy` : ''}
    </p>
    ${pictureList(pictures, `First images of the group ${id.slice(0, 16)}`)}
  </section>`;
}

function asPicture(row: Row): Picture {
  return { id: String(row.id), title: null, sha256: String(row.sha256), note: null };
}
