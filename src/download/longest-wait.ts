/** The longest wait that hosts asked a batch for. */
import type { HostPause } from '../contract/payloads';
import type { WaitCode } from './host-gate';

export interface LongestWait {
  isAsked(): boolean;
  ask(host: string, waitMs: number, code: WaitCode): void;
  /** What is left of it; null: none was asked for. */
  left(): HostPause | null;
}

/** By the monotonic clock: the batch may go on for a while before it returns, and the time of day may jump meanwhile. */
export function createLongestWait(): LongestWait {
  let longest: (Pick<HostPause, 'host' | 'code'> & { readonly endsAt: number }) | null = null;
  return {
    isAsked: () => longest !== null,
    ask: (host, waitMs, code) => {
      const endsAt = performance.now() + waitMs;
      if (longest === null || longest.endsAt < endsAt) longest = { host, code, endsAt };
    },
    left: () => {
      if (longest === null) return null;
      const { host, code, endsAt } = longest;
      return { host, code, waitMs: Math.max(0, Math.round(endsAt - performance.now())) };
    },
  };
}
