/** A run that was started shows itself within seconds; of one that does not, people are told what it waits for. */
import { printable, type Terminal } from '../terminal';
import type { ProgressView } from '../bars/progress-bar';

/** Between two looks, and before the first. **Units** ms. */
const SILENT_MS = 5_000;

/** The view; until it is told of the run, `why` is asked and what it answers said, once. A question that fails says nothing. */
export function reportSilence(
  view: ProgressView,
  terminal: Terminal,
  why: () => Promise<string | null>,
): ProgressView {
  let said: string | null = null;
  let isAsking = false;
  const look = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    const words = await why().catch(() => null);
    isAsking = false;
    if (isOver || words === null || words === said) return;
    said = words;
    // Below the bar, which is drawn anew.
    terminal.say(`${terminal.isInteractive ? '\n' : ''}${printable(words)}`);
  };
  const timer = setInterval(() => void look(), SILENT_MS);
  let isOver = false;
  const end = (): void => {
    isOver = true;
    clearInterval(timer);
  };
  return {
    update: (entry) => {
      end();
      view.update(entry);
    },
    stop: () => {
      end();
      view.stop();
    },
  };
}
