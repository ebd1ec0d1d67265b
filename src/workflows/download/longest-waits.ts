/** The waiting hosts that are reported. A plan may have a hundred thousand of them. */
import type { DownloadProgress, HostWait } from '../../contract/download-workflow';

const MOST = 10;

/** The hosts that wait longest, and the number of the others. */
export function longestWaits(waiting: readonly HostWait[]): DownloadProgress['waits'] {
  const all = [...waiting].sort((a, b) => (a.until < b.until ? 1 : a.until > b.until ? -1 : 0));
  return { longest: all.slice(0, MOST), more: Math.max(0, all.length - MOST) };
}
