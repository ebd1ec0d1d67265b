/** Which of its waiting hosts a lane waits for. */
import type { HostPause } from '../../contract/payloads';
import type { Host } from './host';

/** The pause that ends first. */
export function firstPause(hosts: readonly Host[]): HostPause | null {
  let first: HostPause | null = null;
  for (const host of hosts) {
    const pause = pauseOfHost(host);
    if (pause !== null && (first === null || pause.waitMs < first.waitMs)) first = pause;
  }
  return first;
}

function pauseOfHost({ name: host, limiter, breaker }: Host): HostPause | null {
  const outage = breaker.snapshot();
  const outageMs = Math.round(breaker.pauseMs());
  const askedMs = Math.round(limiter.opensInMs());
  if (outage !== null && outageMs > askedMs)
    return {
      host,
      waitMs: outageMs,
      code: outage.code,
      why: 'outage',
      ...(outage.refusal === undefined ? {} : { detail: outage.refusal }),
    };
  const asked = limiter.snapshot();
  if (asked === null || askedMs === 0 || limiter.isExhausted()) return null;
  return { host, waitMs: askedMs, code: asked.code, why: 'asked' };
}
