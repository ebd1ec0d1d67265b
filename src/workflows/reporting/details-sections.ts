/** Sections that the pages of a run and of its downloads share. */
import {
  rejectHints,
  rejectsQuery,
  rejectsSentence,
  type CatalogCounts,
} from '../../contract/catalog-counts';
import type { DownloadProgress } from '../../contract/download';
import { command, inline, moment, table } from '../../contract/markdown';
import type { Obstacle } from '../../contract/obstacle';
import { bytesText } from '../../contract/quantities';
import { FINAL_STATES, type RunState } from '../../contract/run-record';
import { networkGoneText, hostName, reasonText } from './host-text';
import { consequence, isOver } from '../obstacles/obstacle-text';

/** Codes that are listed; the others are summed up. */
const MOST_CODES = 12;

/** Outcomes in the warehouse, and what is left; null before the plan is known. */
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

function codeRows(codes: DownloadProgress['codes']): readonly (readonly [string, string])[] {
  const all = Object.entries(codes)
    .map(([code, count = 0]) => [code, count] as const)
    .sort(([, a], [, b]) => b - a);
  const rest = all.slice(MOST_CODES).reduce((sum, [, count]) => sum + count, 0);
  const rows = all
    .slice(0, MOST_CODES)
    .map(([code, count]) => [`· ${inline(code, 40)}`, String(count)] as const);
  return rest === 0 ? rows : [...rows, ['· other codes', String(rest)]];
}

/** Catalog rows that were not taken, and what helps; null when all were. */
export function rejectsSection(catalog: CatalogCounts, runId: string): string | null {
  const sentence = rejectsSentence(catalog);
  if (sentence === null) return null;
  const hints = rejectHints(catalog).map((hint) => inline(hint, 300));
  const words = [`**${inline(sentence, 1_500)}**`, ...hints, 'All of them, once it is published:'];
  return `${words.join(' ')}\n\n${command(`artemis-pipeline query "${rejectsQuery(runId)}"`)}`;
}

/** Waiting hosts, or that the network seems to be gone. */
export function waitsSection({
  waits: { longest, more },
  isNetworkGone,
}: DownloadProgress): string | null {
  const [first] = longest;
  if (first === undefined) return null;
  if (isNetworkGone)
    return `**The network seems to be gone:** ${inline(networkGoneText(first, longest.length + more), 300)}`;
  const rows = longest.map((wait) => [
    inline(hostName(wait.host), 100),
    moment(wait.until),
    inline(reasonText(wait)),
  ]);
  if (more > 0) rows.push([`and ${more} more`, '', '']);
  return `Waiting hosts:\n\n${table(['host', 'until', 'why'], rows)}`;
}

/** Hosts that are asked for less than they might be. */
export function slowedSection({ slowed }: DownloadProgress): string | null {
  if (slowed.length === 0) return null;
  const rows = slowed.map(({ host, rate }) => [inline(host, 100), String(rate)]);
  return `Asked more slowly than their budget, because it was too much for them:\n\n${table(['host', 'requests per second'], rows)}`;
}

export function commitSection({ lastCommit }: DownloadProgress): string | null {
  if (lastCommit === null) return null;
  return `Last commit: ${moment(lastCommit.at)}, ${lastCommit.outcomes} outcomes.`;
}

/** What is seen, what comes of it, what to type. */
export function obstacleSection(obstacle: Obstacle | null, state: RunState): string | null {
  if (obstacle === null || isOver(obstacle, state)) return null;
  const then = consequence(obstacle, state);
  const words = inline(`${obstacle.words}${then === '' ? '' : ` ${then}`}`, 900);
  const typed =
    obstacle.command === null || FINAL_STATES.has(state) ? '' : `\n\n${command(obstacle.command)}`;
  return `**In the way:** ${words}${typed}`;
}
