/** Shows how far hashing is: a bar in a terminal, a line now and then elsewhere. */
import { SingleBar } from 'cli-progress';
import type { VerifyProgress } from '../../verify/verify';
import { bytesText, durationText } from '../../contract/quantities';
import type { Terminal } from '../terminal';

export interface HashBar {
  readonly update: (progress: VerifyProgress) => void;
  readonly stop: () => void;
}

/** **Units** ms between two lines where there is no terminal. */
const LINE_EVERY_MS = 5_000;

/** The bar hides the cursor: it is shown again before one of these ends the process. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Nothing is shown before the first file is told of: a check that hashes nothing shows nothing. */
export function createHashBar(terminal: Terminal): HashBar {
  return terminal.isInteractive ? bar() : lines(terminal);
}

function bar(): HashBar {
  const startedAt = Date.now();
  const view = new SingleBar({
    format: 'hashing {bar} {value}/{total} files · {pace} · {left}',
    stream: process.stderr,
    hideCursor: true,
    barsize: 30,
    fps: 4,
    // Its own handler would keep Ctrl-C from ending us.
    gracefulExit: false,
  });
  const end = (signal: NodeJS.Signals): void => {
    stop();
    process.kill(process.pid, signal);
  };
  const stop = (): void => {
    for (const signal of SIGNALS) process.off(signal, end);
    view.stop();
  };
  const start = (total: number, told: object): void => {
    for (const signal of SIGNALS) process.on(signal, end);
    view.start(total, 0, told);
  };
  return {
    update: (progress) => {
      const total = Math.max(1, progress.recorded, progress.files);
      const told = facts(progress, startedAt);
      if (!view.isActive) start(total, told);
      view.setTotal(total);
      view.update(progress.files, told);
    },
    stop,
  };
}

function lines(terminal: Terminal): HashBar {
  const startedAt = Date.now();
  let saidAt = startedAt;
  return {
    update: (progress) => {
      if (Date.now() - saidAt < LINE_EVERY_MS) return;
      saidAt = Date.now();
      const { pace, left } = facts(progress, startedAt);
      terminal.say(
        `${progress.files} of about ${progress.recorded} files hashed · ${pace} · ${left}`,
      );
    },
    stop: () => undefined,
  };
}

function facts(
  { files, bytes, recorded }: VerifyProgress,
  startedAt: number,
): { readonly pace: string; readonly left: string } {
  const seconds = Math.max(0.001, (Date.now() - startedAt) / 1_000);
  const left = (Math.max(0, recorded - files) / Math.max(1, files)) * seconds;
  return { pace: `${bytesText(bytes / seconds)}/s`, left: `${durationText(left)} left` };
}
