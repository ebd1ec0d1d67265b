/**
 * Slots of a download worker: whoever has fewer batches asks for the next one sooner, so that they spread over the worker processes.
 * The server gives a burst of tasks to whoever polls, and a process that polls again at once would get all of them.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit } from '@temporalio/worker';

/**
 * For each batch that the process has, up to so many: a poll that finds a task is answered within a few ms, on a busy machine within
 * some tens; and a process that is alone has its sixteen batches within a second and a half. **Units** ms.
 */
const PAUSE_MS = 25;
const MOST_PAUSES = 4;

/** One poll is under way at a time. **Units** `slots` batches at once. */
export function createBatchSlots(slots: number): CustomSlotSupplier<ActivitySlotInfo> {
  const changes = new EventTarget();
  let given = 0;
  let used = 0;
  const change = (): boolean => changes.dispatchEvent(new Event('change'));
  const mayPoll = (): boolean => given === used && used < slots;
  const take = (): SlotPermit => {
    given += 1;
    return {};
  };
  return {
    type: 'custom',
    reserveSlot: async (_context, signal) => {
      try {
        for (;;) {
          while (!mayPoll()) await once(changes, 'change', { signal });
          if (used > 0) await delay(Math.min(used, MOST_PAUSES) * PAUSE_MS, undefined, { signal });
          if (mayPoll()) return take();
        }
      } catch (error) {
        // Whatever else is thrown at the end of a worker the SDK logs as an error.
        throw signal.aborted ? (signal.reason as Error) : error;
      }
    },
    tryReserveSlot: () => (mayPoll() ? take() : null),
    markSlotUsed: () => {
      used += 1;
      change();
    },
    releaseSlot: ({ slotInfo }) => {
      given -= 1;
      if (slotInfo !== undefined) used -= 1;
      change();
    },
  };
}
