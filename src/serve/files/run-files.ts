/** The runs of the data root, as their files have them. */
import { readRun } from '../../files/run/run-records';
import { readStatus, type StatusReport } from '../../files/run/run-status';
import type { RunEntry } from '../../contract/run-record';
import { factsOfRun, type RunFacts } from '../../report/report-facts';

/** For this time one reading serves all requests, in ms. */
const FRESH_MS = 1_000;

/** The same for a request for a run that the latest reading did not find. */
const FRESH_MISS_MS = 100;

export class RunFiles {
  private last: { readonly at: number; readonly status: Promise<StatusReport> } | null = null;

  constructor(private readonly dataRoot: string) {}

  /** The newest first. */
  entries(): Promise<readonly RunEntry[]> {
    return this.entriesSince(Date.now() - FRESH_MS);
  }

  /** Also a run that began after the latest reading. Null when there is no such run. */
  async entry(runId: string): Promise<RunEntry | null> {
    const find = (entries: readonly RunEntry[]): RunEntry | undefined =>
      entries.find((one) => one.runId === runId);
    const known = find(await this.entries());
    return known ?? find(await this.entriesSince(Date.now() - FRESH_MISS_MS)) ?? null;
  }

  /** The runs of a reading that began at this time or later. */
  private async entriesSince(time: number): Promise<readonly RunEntry[]> {
    if (this.last === null || this.last.at < time) {
      const now = Date.now();
      this.last = { at: now, status: readStatus(this.dataRoot, new Date(now)) };
    }
    return (await this.last.status).runs;
  }

  /** Temporal's run id of the workflow execution that works on the run, or worked on it last. */
  executionOf({ runId }: Pick<RunEntry, 'runId'>): string {
    return readRun({ root: this.dataRoot, runId })?.progress?.life ?? runId;
  }

  /** What a report says of the run; null when its files are gone. */
  facts(entry: RunEntry): RunFacts | null {
    const { dataRoot } = this;
    const stored = readRun({ root: dataRoot, runId: entry.runId });
    if (stored === null) return null;
    return factsOfRun({ dataRoot, run: stored.run, entry, summary: stored.summary });
  }
}
