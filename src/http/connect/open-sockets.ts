/**
 * How many requests of this process may have a socket at once: each one may need a second
 * descriptor, for its file.
 */
import fs from 'node:fs';
import { whenAborted } from '../when-aborted';

/** Permits for sockets, first come first served. */
export interface OpenSockets {
  readonly limit: number;
  readonly inUse: number;
  /** Resolves with the function that returns the permit. @throws the signal's reason. */
  acquire(signal: AbortSignal): Promise<() => void>;
}

/** Descriptors that Node and the rest of this program need. */
const RESERVED = 100;
const FEWEST = 16;
const MOST = 4_096;
/** Where the limit cannot be read. */
const ASSUMED_DESCRIPTORS = 1_024;

export function createOpenSockets(limit: number = socketLimit()): OpenSockets {
  const waiting = new Set<() => void>();
  let inUse = 0;
  const grant = (): (() => void) => {
    let isHeld = true;
    inUse += 1;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      inUse -= 1;
      const [next] = waiting;
      next?.();
    };
  };
  return {
    limit,
    get inUse() {
      return inUse;
    },
    acquire: async (signal) => {
      signal.throwIfAborted();
      if (inUse < limit) return grant();
      return new Promise((resolve, reject) => {
        const fail: (reason: unknown) => void = reject;
        const next = (): void => {
          waiting.delete(next);
          forget();
          resolve(grant());
        };
        const forget = whenAborted(signal, (reason) => {
          waiting.delete(next);
          fail(reason);
        });
        waiting.add(next);
      });
    },
  };
}

/** Half of the descriptors that are left to requests. */
export function socketLimit(descriptors: number = descriptorLimit()): number {
  const half = Math.floor((descriptors - RESERVED) / 2);
  return Math.min(MOST, Math.max(FEWEST, half));
}

export function descriptorLimit(): number {
  try {
    const limits = fs.readFileSync('/proc/self/limits', 'utf8');
    const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
    return soft === undefined ? ASSUMED_DESCRIPTORS : Number(soft);
  } catch {
    return ASSUMED_DESCRIPTORS;
  }
}
