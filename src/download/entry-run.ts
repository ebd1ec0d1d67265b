/** What resolving one entry needs from its batch. */
import type { EntryRun } from './entry/attempts';
import type { Batch } from './open-batch';

export function entryRunOf(batch: Batch, entry: number): EntryRun {
  const { options, client, slots, journal } = batch;
  const { config, input } = options;
  const history = journal.historyOf(entry);
  return {
    tools: client.tools,
    hosts: client.hosts,
    slots,
    entry,
    attempts: Math.min(config.attempts, input.limits.attempts ?? config.attempts),
    mayWaitForOthers: options.onlyEntry === undefined,
    history: { ...history, attempts: Math.max(history.attempts, input.tried?.[entry] ?? 0) },
    signal: batch.stop.signal,
    afterSamples: (work) => {
      batch.samples.push(work());
    },
    onFailure: (noted) => {
      journal.note(entry, noted);
    },
    onProgress: () => {
      options.onProgress(batch.counts);
    },
  };
}
