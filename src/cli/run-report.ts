/** What `run` says when a run has ended. */
import type { Summary } from '../contract/run-record';
import { bytesText, durationText } from './status-text';

/** A few lines: how it ended, what is there now, what failed. */
export function summaryText(summary: Summary): string {
  const { counts, run, codes, state, seconds } = summary;
  const failures = Object.entries(codes).map(([code, count]) => `  ${code}: ${count}`);
  return [
    `${state} after ${durationText(seconds)}: ${run.stored} stored (${bytesText(run.bytes)}), ${run.notModified} not modified, ${run.failed} failed of ${run.planned} planned; ${run.requests} requests`,
    ...failures,
    `the collection: ${counts.images} images, ${counts.stored} stored, ${counts.failed} failed, ${counts.pending} pending, ${counts.noUrl} without a URL`,
  ].join('\n');
}
