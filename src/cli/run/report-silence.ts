/** Reports what a run waits for that has not written anything within seconds of its start. */
import { printable, type Terminal } from '../terminal';
import type { ProgressView } from '../bars/progress-bar';

/** The pause between two checks, and before the first one, in milliseconds. */
const SILENT_MS = 5_000;

/**
 * Wraps a view. Until the view receives progress, calls `why` at intervals and prints each new
 * answer once. Prints nothing when `why` fails.
 */
export function reportSilence(
  view: ProgressView,
  terminal: Terminal,
  why: () => Promise<string | null>,
): ProgressView {
  let printed: string | null = null;
  let isAsking = false;
  const check = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    const text = await why().catch(() => null);
    isAsking = false;
    if (isOver || text === null || text === printed) return;
    printed = text;
    // Below the bar, which is drawn again.
    terminal.say(`${terminal.isInteractive ? '\n' : ''}${printable(text)}`);
  };
  const timer = setInterval(() => void check(), SILENT_MS);
  let isOver = false;
  const stopChecking = (): void => {
    isOver = true;
    clearInterval(timer);
  };
  return {
    update: (entry) => {
      stopChecking();
      view.update(entry);
    },
    stop: () => {
      stopChecking();
      view.stop();
    },
  };
}
