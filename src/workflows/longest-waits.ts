/** Which waiting hosts are told: a plan may have a hundred thousand. */
import type { DownloadProgress } from '../contract/download';

const MOST = 10;

/** `until` by host, to those that wait longest. */
export function longestWaits(waiting: ReadonlyMap<string, string>): DownloadProgress['waits'] {
  const all = [...waiting]
    .map(([host, until]) => ({ host, until }))
    .sort((a, b) => (a.until < b.until ? 1 : a.until > b.until ? -1 : 0));
  return { longest: all.slice(0, MOST), more: Math.max(0, all.length - MOST) };
}
