/** Shows the progress of a run: a bar in a terminal, a line every few seconds elsewhere. */
import { SingleBar } from 'cli-progress';
import type { RunEntry } from '../../contract/run-record';
import { amountText, durationText } from '../../contract/quantities';
import { rowsText } from '../rows-text';
import { printable, type Terminal } from '../terminal';

export interface ProgressView {
  update(entry: RunEntry): void;
  stop(): void;
}

/** The pause between two lines where there is no terminal, in milliseconds. */
const LINE_EVERY_MS = 5_000;

export function createProgressView(terminal: Terminal): ProgressView {
  return terminal.isInteractive
    ? withObstacles(createBar(), (words) => {
        // The text is printed below the bar, which is then drawn again.
        terminal.say(`\n${words}`);
      })
    : withObstacles(createLines(terminal), terminal.say);
}

/** Prints once what is in the way of the running step. */
function withObstacles(view: ProgressView, say: (words: string) => void): ProgressView {
  let printed: string | null = null;
  return {
    update: (entry) => {
      view.update(entry);
      const words = entry.step?.state === 'running' ? entry.step.detail : null;
      if (words !== null && words !== printed) say(printable(words));
      printed = words;
    },
    stop: () => {
      view.stop();
    },
  };
}

function createBar(): ProgressView {
  const view = new SingleBar({
    format: '{words}{rows} {bar} {done}/{planned} · {failed} failed{pace}',
    stream: process.stderr,
    hideCursor: true,
    barsize: 30,
    fps: 4,
  });
  view.start(1, 0, {
    words: 'starting',
    rows: '',
    done: 0,
    planned: 0,
    failed: 0,
    pace: '',
  });
  return {
    update: (entry) => {
      // A total of 0 would show a full bar.
      const { planned, done } = shownCounts(entry);
      view.setTotal(Math.max(1, planned));
      view.update(done, { ...barTexts(entry), done, planned });
    },
    stop: () => {
      view.stop();
    },
  };
}

function createLines(terminal: Terminal): ProgressView {
  let printedAt = 0;
  let printed = '';
  return {
    update: (entry) => {
      const { words, rows, failed, pace } = barTexts(entry);
      if (words === printed && Date.now() - printedAt < LINE_EVERY_MS) return;
      printedAt = Date.now();
      printed = words;
      const { planned, done } = shownCounts(entry);
      const counts = `${done}/${planned} done, ${failed} failed${pace}`;
      terminal.say(planned === 0 ? `${words}${rows} …` : `${words}: ${counts}`);
    },
    stop: () => undefined,
  };
}

type ShownCounts = Readonly<Record<'planned' | 'done' | 'failed' | 'ratePerSecond', number>> &
  Pick<RunEntry, 'secondsLeft'>;

/** Files while features are computed, otherwise images; `done` need no more work in this run. */
function shownCounts({ step, features, ...entry }: RunEntry): ShownCounts {
  if (step?.name === 'features' && features !== undefined)
    return { ...features, done: features.computed + features.failed };
  return { ...entry, done: entry.stored + entry.notModified + entry.failed };
}

/** Describes how many rows ingest has read, or how many images it merges. Empty for other steps. */
function ingestText({ state, step, ingest, catalog }: RunEntry): string {
  if (state !== 'running' || step?.name !== 'ingest' || step.state !== 'running') return '';
  if (ingest != null) return `: ${rowsText(ingest)}`;
  return catalog == null ? '' : `: merging ${amountText(catalog.images)} images`;
}

function barTexts(entry: RunEntry): Readonly<Record<'words' | 'rows' | 'failed' | 'pace', string>> {
  const counts = shownCounts(entry);
  return {
    words: entry.state === 'running' ? (entry.step?.name ?? 'starting') : entry.state,
    rows: ingestText(entry),
    failed: String(counts.failed),
    pace: paceText(entry, counts),
  };
}

/** The rate and the time that is left. Either is left out while it is unknown. */
function paceText({ state, step }: RunEntry, { ratePerSecond, secondsLeft }: ShownCounts): string {
  const isWorking = state === 'running' && ['download', 'features'].includes(step?.name ?? '');
  const rate = ratePerSecond > 0 ? ` · ${ratePerSecond.toFixed(1)}/s` : '';
  const left = isWorking && secondsLeft !== null ? ` · ${durationText(secondsLeft)} left` : '';
  return `${rate}${left}`;
}
