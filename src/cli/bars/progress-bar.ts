/** Shows how far a run is: a bar in a terminal, a line now and then elsewhere. */
import { SingleBar } from 'cli-progress';
import type { RunEntry } from '../../contract/run-record';
import { durationText } from '../../contract/quantities';
import { printable, type Terminal } from '../terminal';

export interface ProgressView {
  update(entry: RunEntry): void;
  stop(): void;
}

/** **Units** ms between two lines where there is no terminal. */
const LINE_EVERY_MS = 5_000;

export function createProgressView(terminal: Terminal): ProgressView {
  return terminal.isInteractive
    ? withObstacles(bar(), (words) => {
        // Below the bar, which is drawn anew.
        terminal.say(`\n${words}`);
      })
    : withObstacles(lines(terminal), terminal.say);
}

/** Says once what is in the way of the step that runs. */
function withObstacles(view: ProgressView, say: (words: string) => void): ProgressView {
  let said: string | null = null;
  return {
    update: (entry) => {
      view.update(entry);
      const words = entry.step?.state === 'running' ? entry.step.detail : null;
      if (words !== null && words !== said) say(printable(words));
      said = words;
    },
    stop: () => {
      view.stop();
    },
  };
}

function bar(): ProgressView {
  const view = new SingleBar({
    format: '{words} {bar} {done}/{planned} · {failed} failed · {rate}/s · {left}',
    stream: process.stderr,
    hideCursor: true,
    barsize: 30,
    fps: 4,
  });
  view.start(1, 0, { words: 'starting', done: 0, planned: 0, failed: 0, rate: '0.0', left: '' });
  return {
    update: (entry) => {
      // Of nothing, nothing is done: a total of 0 would be a full bar.
      view.setTotal(Math.max(1, entry.planned));
      view.update(done(entry), { ...facts(entry), done: done(entry), planned: entry.planned });
    },
    stop: () => {
      view.stop();
    },
  };
}

function lines(terminal: Terminal): ProgressView {
  let saidAt = 0;
  let said = '';
  return {
    update: (entry) => {
      const { words, failed, rate, left } = facts(entry);
      if (words === said && Date.now() - saidAt < LINE_EVERY_MS) return;
      saidAt = Date.now();
      said = words;
      const counts = `${done(entry)}/${entry.planned} done, ${failed} failed, ${rate}/s ${left}`;
      terminal.say(entry.planned === 0 ? `${words} …` : `${words}: ${counts}`.trimEnd());
    },
    stop: () => undefined,
  };
}

/** Images that need no more work in this run. */
function done(entry: RunEntry): number {
  return entry.stored + entry.notModified + entry.failed;
}

function facts(entry: RunEntry): Readonly<Record<'words' | 'failed' | 'rate' | 'left', string>> {
  const isDownloading = entry.state === 'running' && entry.step?.name === 'download';
  return {
    words: entry.state === 'running' ? (entry.step?.name ?? 'starting') : entry.state,
    failed: String(entry.failed),
    rate: entry.ratePerSecond.toFixed(1),
    left:
      isDownloading && entry.secondsLeft !== null ? `${durationText(entry.secondsLeft)} left` : '',
  };
}
