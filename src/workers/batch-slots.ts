/**
 * Slots of a download worker. A process with fewer batches polls for the next one sooner, so that
 * batches are distributed over the worker processes. The server gives a burst of tasks to the
 * pollers that wait, and a process that polled again at once would get all of them.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit } from '@temporalio/worker';

/**
 * The pause before a poll, in milliseconds, for each batch that the process has, up to MOST_PAUSES
 * of them. A poll that finds a task is answered within a few milliseconds, or a few tens of
 * milliseconds on a busy machine. A process that is alone gets its sixteen batches within 1.5
 * seconds.
 */
const PAUSE_MS = 25;
const MOST_PAUSES = 4;

/** `slots` is the number of batches at once. Only one poll is under way at a time. */
export function createBatchSlots(slots: number): CustomSlotSupplier<ActivitySlotInfo> {
  const changes = new EventTarget();
  let reserved = 0;
  let used = 0;
  const notifyChange = (): boolean => changes.dispatchEvent(new Event('change'));
  const mayPoll = (): boolean => reserved === used && used < slots;
  const reserve = (): SlotPermit => {
    reserved += 1;
    return {};
  };
  return {
    type: 'custom',
    reserveSlot: async (_context, signal) => {
      try {
        for (;;) {
          while (!mayPoll()) await once(changes, 'change', { signal });
          if (used > 0) await delay(Math.min(used, MOST_PAUSES) * PAUSE_MS, undefined, { signal });
          if (mayPoll()) return reserve();
        }
      } catch (error) {
        // The SDK logs any other error at the end of a worker.
        throw signal.aborted ? (signal.reason as Error) : error;
      }
    },
    tryReserveSlot: () => (mayPoll() ? reserve() : null),
    markSlotUsed: () => {
      used += 1;
      notifyChange();
    },
    releaseSlot: ({ slotInfo }) => {
      reserved -= 1;
      if (slotInfo !== undefined) used -= 1;
      notifyChange();
    },
  };
}
