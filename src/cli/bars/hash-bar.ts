/** Shows the progress of hashing: a bar in a terminal, a line every few seconds elsewhere. */
import { SingleBar } from 'cli-progress';
import type { VerifyProgress } from '../../verify/verify';
import { bytesText, durationText } from '../../contract/quantities';
import type { Terminal } from '../terminal';

export interface HashBar {
  readonly update: (progress: VerifyProgress) => void;
  readonly stop: () => void;
}

/** The pause between two lines where there is no terminal, in milliseconds. */
const LINE_EVERY_MS = 5_000;

/** The bar hides the cursor, which is shown again before one of these signals ends the process. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Creates the bar. It shows nothing before the first file is reported, so a check that hashes
 * nothing shows nothing.
 */
export function createHashBar(terminal: Terminal): HashBar {
  return terminal.isInteractive ? createBar() : createLines(terminal);
}

function createBar(): HashBar {
  const startedAt = Date.now();
  const view = new SingleBar({
    format: 'hashing {bar} {value}/{total} files · {pace} · {left}',
    stream: process.stderr,
    hideCursor: true,
    barsize: 30,
    fps: 4,
    // Its own handler would keep Ctrl-C from ending the process.
    gracefulExit: false,
  });
  const restoreAndEnd = (signal: NodeJS.Signals): void => {
    stop();
    process.kill(process.pid, signal);
  };
  const stop = (): void => {
    for (const signal of SIGNALS) process.off(signal, restoreAndEnd);
    view.stop();
  };
  const start = (total: number, texts: object): void => {
    for (const signal of SIGNALS) process.on(signal, restoreAndEnd);
    view.start(total, 0, texts);
  };
  return {
    update: (progress) => {
      const total = Math.max(1, progress.recorded, progress.files);
      const texts = barTexts(progress, startedAt);
      if (!view.isActive) start(total, texts);
      view.setTotal(total);
      view.update(progress.files, texts);
    },
    stop,
  };
}

function createLines(terminal: Terminal): HashBar {
  const startedAt = Date.now();
  let printedAt = startedAt;
  return {
    update: (progress) => {
      if (Date.now() - printedAt < LINE_EVERY_MS) return;
      printedAt = Date.now();
      const { pace, left } = barTexts(progress, startedAt);
      // Files that a run has stored since the snapshot was published are hashed, too.
      const files = Math.max(progress.files, progress.recorded);
      terminal.say(`${progress.files} of about ${files} files hashed · ${pace} · ${left}`);
    },
    stop: () => undefined,
  };
}

function barTexts(
  { files, bytes, recorded }: VerifyProgress,
  startedAt: number,
): { readonly pace: string; readonly left: string } {
  const seconds = Math.max(0.001, (Date.now() - startedAt) / 1_000);
  const left = (Math.max(0, recorded - files) / Math.max(1, files)) * seconds;
  return { pace: `${bytesText(bytes / seconds)}/s`, left: `${durationText(left)} left` };
}
