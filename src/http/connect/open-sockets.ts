/**
 * Limits how many requests of this process may have a socket at once. Each request may need a
 * second descriptor for its file.
 */
import fs from 'node:fs';
import { whenAborted } from '../when-aborted';

/** A limiter whose permits are granted in the order of the calls. */
export interface OpenSockets {
  readonly limit: number;
  readonly inUse: number;
  /**
   * Resolves with a function that returns the permit.
   *
   * @throws the signal's reason.
   */
  acquire(signal: AbortSignal): Promise<() => void>;
}

/**
 * The descriptors that Node and the rest of this program need, and the limits on the number of
 * sockets.
 */
const RESERVED_DESCRIPTORS = 100;
const MIN_SOCKETS = 16;
const MAX_SOCKETS = 4_096;
/** The number of descriptors that is assumed when the limit cannot be read. */
const ASSUMED_DESCRIPTORS = 1_024;

export function createOpenSockets(limit: number = socketLimit()): OpenSockets {
  const waitingRequests = new Set<() => void>();
  let inUse = 0;
  const grantPermit = (): (() => void) => {
    let isHeld = true;
    inUse += 1;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      inUse -= 1;
      const [grantNext] = waitingRequests;
      grantNext?.();
    };
  };
  return {
    limit,
    get inUse() {
      return inUse;
    },
    acquire: async (signal) => {
      signal.throwIfAborted();
      if (inUse < limit) return grantPermit();
      return new Promise((resolve, reject) => {
        const rejectWaiting: (reason: unknown) => void = reject;
        const grantNext = (): void => {
          waitingRequests.delete(grantNext);
          stopListening();
          resolve(grantPermit());
        };
        const stopListening = whenAborted(signal, (reason) => {
          waitingRequests.delete(grantNext);
          rejectWaiting(reason);
        });
        waitingRequests.add(grantNext);
      });
    },
  };
}

/** Half of the descriptors that remain for requests. */
export function socketLimit(descriptors: number = descriptorLimit()): number {
  const half = Math.floor((descriptors - RESERVED_DESCRIPTORS) / 2);
  return Math.min(MAX_SOCKETS, Math.max(MIN_SOCKETS, half));
}

/** The soft limit on open files of this process. */
export function descriptorLimit(): number {
  try {
    const limits = fs.readFileSync('/proc/self/limits', 'utf8');
    const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
    return soft === undefined ? ASSUMED_DESCRIPTORS : Number(soft);
  } catch {
    return ASSUMED_DESCRIPTORS;
  }
}
