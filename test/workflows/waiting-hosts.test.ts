/** Waiting hosts, as pages and `status` tell them. */
import type { HostWait } from '../../src/contract/download';
import type { ImageCode } from '../../src/contract/outcome';
import { isNetworkGone, waitsText } from '../../src/workflows/reporting/host-text';
import { NOTHING, entryOf } from '../../src/workflows/reporting/run-entry';
import { longestWaits } from '../../src/workflows/download/longest-waits';
import { runDetails } from '../../src/workflows/reporting/run-details';
import { download, now, running } from './page-facts';

describe('hosts that wait', () => {
  it('are the ten that wait longest, and a number', () => {
    const waiting = Array.from({ length: 25 }, (_none, n) => ({
      ...({ host: `host-${n}`, why: 'asked', code: 'http_429' } as const),
      until: new Date(Date.parse(now) + n * 1_000).toISOString(),
    }));
    const { longest, more } = longestWaits(waiting);
    expect(longest.map(({ host }) => host)).toEqual(
      Array.from({ length: 10 }, (_none, n) => `host-${24 - n}`),
    );
    expect(more).toBe(15);
    expect(longestWaits([])).toEqual({ longest: [], more: 0 });
  });

  const out = (host: string, code: ImageCode): HostWait => ({
    ...{ host, code, why: 'outage', until: '2026-01-01T01:00:00.000Z' },
  });
  const words = (waits: readonly HostWait[], isAtWork = false): string | null =>
    waitsText({ waits: longestWaits(waits), isNetworkGone: isNetworkGone(waits, isAtWork) });

  it('are told with the reason', () => {
    expect(words([])).toBeNull();
    expect(words([out('a.example', 'connect')])).toBe(
      'a.example answers nothing (connect): asked again at 2026-01-01 01:00:00 UTC.',
    );
    expect(words([out('a', 'http_502'), out('b', 'connect'), out('c', 'dns')])).toContain(
      'a answers only http_502: asked again at 2026-01-01 01:00:00 UTC; 2 more hosts wait.',
    );
  });

  it('are no evidence against the network, however many: batches say when it is down', () => {
    const silent = [out('a', 'connect'), out('b', 'dns'), out('c', 'timeout')];
    expect(words(silent)).toMatch(/^a answers nothing/);
    const gone = [...silent, { ...out('*', 'dns'), why: 'network' as const }];
    expect(words(gone, true)).toMatch(/^a answers nothing/);
    expect(words(gone)).toMatch(/^The network seems to be gone: none of 4 hosts/);
    const details = { ...download, waits: longestWaits(gone), isNetworkGone: true };
    expect(runDetails({ ...running, download: details })).toContain(
      '**The network seems to be gone:**',
    );
  });

  it('set how long the run takes at least, and a network that is down leaves that open', () => {
    const entry = { ...counted, state: 'running' as const, ratePerSecond: 100 };
    const until = new Date(Date.now() + 60_000).toISOString();
    const waits = { until, isNetworkGone: false };
    expect(entryOf(entry).secondsLeft).toBe(2);
    expect(entryOf({ ...entry, waits }).secondsLeft).toBeGreaterThan(55);
    expect(entryOf({ ...entry, ratePerSecond: 0, waits }).secondsLeft).toBeGreaterThan(55);
    expect(entryOf({ ...entry, waits: { until, isNetworkGone: true } }).secondsLeft).toBeNull();
    expect(entryOf({ ...entry, ratePerSecond: 0 }).secondsLeft).toBeNull();
  });
});

const counted = {
  runId: 'r',
  workflowId: 'w',
  startedAt: now,
  step: null,
  obstacle: null,
  counts: { ...NOTHING, planned: 1_000, stored: 800 },
};
