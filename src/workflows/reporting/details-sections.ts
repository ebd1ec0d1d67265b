/** Sections that the details of a run and of its downloads share. */
import type { EmbeddingCounts } from '../../contract/embeddings/embedding';
import {
  rejectHints,
  rejectsQuery,
  rejectsSentence,
  type CatalogCounts,
} from '../../contract/catalog/catalog-counts';
import type { DownloadProgress } from '../../contract/download-workflow';
import type { FeatureProgress } from '../../contract/features/feature-workflow';
import { command, inline, moment, table } from '../../contract/markdown';
import type { ClusterCounts } from '../../contract/derived/cluster-counts';
import type { DerivedProblem } from '../../contract/derived/derived-file';
import type { ModelCounts } from '../../contract/derived/model-counts';
import type { Obstacle } from '../../contract/obstacle';
import { artemisCommand } from '../../contract/commands/printed-command';
import { shellWord } from '../../contract/commands/shell-word';
import {
  placeholderSentence,
  placeholdersQuery,
  type Placeholder,
} from '../../contract/placeholders';
import { bytesText, durationText } from '../../contract/quantities';
import { FINAL_STATES, type RunState, type Summary } from '../../contract/run-record';
import { hostName, networkGoneTexts, reasonText } from './host-text';
import { consequence, isOver } from '../obstacles/obstacle-text';

/** The number of codes that are listed. The others are summed up in one row. */
const MOST_CODES = 12;

/**
 * The outcomes in the warehouse and the number of images that are left; null before the plan is
 * known.
 */
export function countsSection({ counts, codes }: DownloadProgress): string | null {
  const { planned, stored, notModified, failed, bytes } = counts;
  if (planned + stored + notModified + failed === 0) return null;
  const rows: (readonly [string, string])[] = [
    ['planned', String(planned)],
    ['stored', `${stored} (${bytesText(bytes)})`],
    ...(notModified > 0 ? [['not modified', String(notModified)] as const] : []),
    ['failed', String(failed)],
    ...codeRows(codes),
    ['still to do', String(Math.max(0, planned - stored - notModified - failed))],
  ];
  return table(['images', 'committed'], rows);
}

/** How far the features are; null before the plan is known. */
export function featuresSection(progress: FeatureProgress): string | null {
  const { planned, computed, failed, codes, ratePerSecond, secondsLeft } = progress;
  if (planned + computed + failed === 0) return null;
  const left = Math.max(0, planned - computed - failed);
  const pace = ratePerSecond > 0 ? ` at ${ratePerSecond}/s` : '';
  const time = secondsLeft === null ? '' : ` (about ${durationText(secondsLeft)}${pace})`;
  return table(
    ['features of files', 'committed'],
    [
      ['planned', String(planned)],
      ['computed', String(computed)],
      ['failed', String(failed)],
      ...codeRows(codes),
      ['still to do', `${left}${left === 0 ? '' : time}`],
    ],
  );
}

/** What the model of a user made. */
export function embeddingsSection(counts: EmbeddingCounts): string {
  return table(
    [`embeddings by ${inline(counts.model, 100)}`, 'files'],
    [
      ['with an embedding', String(counts.files)],
      ['of these, computed by this run', String(counts.computed)],
      ['failed', String(counts.failed)],
    ],
  );
}

/** The groups of equal and similar images. */
export function clustersSection(counts: ClusterCounts): string {
  return table(
    ['groups', 'count', 'beside the representatives'],
    [
      ['exact copies', String(counts.exactGroups), `${counts.exactCopies} images`],
      ['near duplicates', String(counts.nearGroups), `${counts.nearDuplicates} files`],
      ['visual groups', String(counts.visualGroups), ''],
      ['too plain to have near duplicates', '', `${counts.tooPlain} files`],
      ...(counts.notCompared === 0
        ? []
        : [['without features', '', `${counts.notCompared} files`] as const]),
    ],
  );
}

/** What became of the models and checks. */
export function modelsSection(counts: ModelCounts): string {
  return table(
    ['models and checks', 'files'],
    [
      ['models built', String(counts.built)],
      ['models failed', String(counts.failed)],
      ['models skipped', String(counts.skipped)],
      ['checks passed', String(counts.checksPassed)],
      ['checks with warnings', String(counts.checksWarned)],
      ['checks failed', String(counts.checksFailed)],
      ...counts.failedChecks.map(
        ({ name, badRows }) => [`· ${inline(name, 60)}`, `${badRows} rows`] as const,
      ),
      ...(counts.checksNotAsked === 0
        ? []
        : [['checks not asked', String(counts.checksNotAsked)] as const]),
    ],
  );
}

/** Tables that publications left out of the snapshot; null when none were. */
export function derivedProblemsSection(problems: readonly DerivedProblem[]): string | null {
  if (problems.length === 0) return null;
  const steps = problems.some(({ kind }) => kind === 'embeddings')
    ? '`embeddings`, `clusters` and `aggregates`'
    : '`clusters` and `aggregates`';
  const sentences = problems.map(({ detail }) => `${inline(detail, 500)}.`);
  return `**Tables that were left out of the snapshot:** ${sentences.join(' ')} The next run with the steps ${steps} makes them again.`;
}

function codeRows(
  codes: Readonly<Partial<Record<string, number>>>,
): readonly (readonly [string, string])[] {
  const all = Object.entries(codes)
    .map(([code, count = 0]) => [code, count] as const)
    .sort(([, a], [, b]) => b - a);
  const rest = all.slice(MOST_CODES).reduce((sum, [, count]) => sum + count, 0);
  const rows = all
    .slice(0, MOST_CODES)
    .map(([code, count]) => [`· ${inline(code, 40)}`, String(count)] as const);
  return rest === 0 ? rows : [...rows, ['· other codes', String(rest)]];
}

/** Catalog rows that were rejected, and what helps; null when all rows were accepted. */
export function rejectsSection(
  catalog: CatalogCounts,
  runId: string,
  dataRoot: string | null,
): string | null {
  const sentence = rejectsSentence(catalog);
  if (sentence === null) return null;
  const hints = rejectHints(catalog).map((hint) => inline(hint, 300));
  const sentences = [
    `**${inline(sentence, 1_500)}**`,
    ...hints,
    'All of them, once it is published:',
  ];
  const query = `query "${rejectsQuery(runId)}"`;
  return `${sentences.join(' ')}\n\n${command(artemisCommand(query, dataRoot))}`;
}

/** The waiting hosts, or the sentence that the network seems to be gone. */
export function waitsSection({ waits, isNetworkGone }: DownloadProgress): string | null {
  const { longest, more } = waits;
  const [first] = longest;
  if (first === undefined) return null;
  if (isNetworkGone) {
    const [heading, text] = networkGoneTexts(first, waits);
    return `**${heading}:** ${inline(text, 300)}`;
  }
  const rows = longest.map((wait) => [
    inline(hostName(wait.host), 100),
    moment(wait.until),
    inline(reasonText(wait)),
  ]);
  if (more > 0) rows.push([`and ${more} more`, '', '']);
  return `Waiting hosts:\n\n${table(['host', 'until', 'why'], rows)}`;
}

/** Hosts that were given up because they refused everything; null without any. */
export function refusedSection({ refused = [] }: DownloadProgress): string | null {
  if (refused.length === 0) return null;
  const rows = refused.map(({ host, code, detail }) => [
    inline(host, 100),
    inline(code, 40),
    inline(detail, 300),
  ]);
  return `Hosts that refused everything. The next run asks them again:\n\n${table(['host', 'code', 'answer'], rows)}`;
}

/** Files that a host sent instead of many of its images, with the query that lists these. */
export function placeholdersSection(
  placeholders: readonly Placeholder[],
  dataRoot: string | null,
): string | null {
  if (placeholders.length === 0) return null;
  const sentences = placeholders.map((found) => inline(placeholderSentence(found), 400));
  const query = `query ${shellWord(placeholdersQuery(placeholders))}`;
  return `${sentences.join(' ')} All of them, once it is published:\n\n${command(artemisCommand(query, dataRoot))}`;
}

/** Where the report of a run that has ended is, or the command that draws it. */
export function reportSection(
  { report, reportProblem }: Pick<Summary, 'report' | 'reportProblem'>,
  runId: string,
  dataRoot: string | null,
): string | null {
  if (report !== undefined)
    return `The report of this run: ${inline(dataRoot === null ? report : `${dataRoot}/${report}`)}`;
  if (reportProblem === undefined) return null;
  const draw = command(artemisCommand(`report ${shellWord(runId)}`, dataRoot));
  return `The report of this run could not be drawn: ${inline(reportProblem)}. To draw it:\n\n${draw}`;
}

/** Hosts that get fewer requests than their budget allows. */
export function slowedSection({ slowed }: DownloadProgress): string | null {
  if (slowed.length === 0) return null;
  const rows = slowed.map(({ host, rate }) => [inline(host, 100), String(rate)]);
  return `These hosts get fewer requests than their budget allows, because that was too much for them:\n\n${table(['host', 'requests per second'], rows)}`;
}

export function commitSection({ lastCommit }: DownloadProgress): string | null {
  if (lastCommit === null) return null;
  return `Last commit: ${moment(lastCommit.at)}, ${lastCommit.outcomes} outcomes.`;
}

/** The obstacle, its consequence and the command to type. */
export function obstacleSection(obstacle: Obstacle | null, state: RunState): string | null {
  if (obstacle === null || isOver(obstacle, state)) return null;
  const effect = consequence(obstacle, state);
  const text = inline(`${obstacle.words}${effect === '' ? '' : ` ${effect}`}`, 900);
  const commandBlock =
    obstacle.command === null || FINAL_STATES.has(state) ? '' : `\n\n${command(obstacle.command)}`;
  return `**In the way:** ${text}${commandBlock}`;
}
