/** Waiting hosts as the details and `status` report them. */
import type { HostWait } from '../../src/contract/download-workflow';
import type { ImageCode } from '../../src/contract/outcome';
import { isNetworkGone, waitingHosts, waitsText } from '../../src/workflows/reporting/host-text';
import { NO_OUTCOMES } from '../../src/contract/run-record';
import { runEntry } from '../../src/workflows/reporting/run-entry';
import { longestWaits } from '../../src/workflows/download/longest-waits';
import { runDetails } from '../../src/workflows/reporting/run-details';
import { download, now, running } from './page-facts';

describe('hosts that wait', () => {
  it('are reported as the ten that wait longest and the number of the others', () => {
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

  const outageOf = (host: string, code: ImageCode): HostWait => ({
    host,
    code,
    why: 'outage',
    until: '2026-01-01T01:00:00.000Z',
  });
  const waitsTextOf = (waits: readonly HostWait[], isAtWork = false): string | null =>
    waitsText({ waits: longestWaits(waits), isNetworkGone: isNetworkGone(waits, isAtWork) });

  it('are reported with what they answer when they refuse everything', () => {
    const detail = 'status 403: Just a moment...';
    expect(waitsTextOf([{ ...outageOf('a.example', 'http_403'), detail }])).toBe(
      'a.example refuses everything (http_403: status 403: Just a moment...): asked again at 2026-01-01 01:00:00 UTC.',
    );
    const refused = [{ host: 'a.example', code: 'http_403', detail }] as const;
    const details = runDetails({ ...running, download: { ...download, refused } });
    expect(details).toMatch(/a\.example.*http_403.*Just a moment/);
  });

  it('are reported with the reason', () => {
    expect(waitsTextOf([])).toBeNull();
    expect(waitsTextOf([outageOf('a.example', 'connect')])).toBe(
      'a.example answers nothing (connect): asked again at 2026-01-01 01:00:00 UTC.',
    );
    expect(
      waitsTextOf([outageOf('a', 'http_502'), outageOf('b', 'connect'), outageOf('c', 'dns')]),
    ).toContain(
      'a answers only http_502: asked again at 2026-01-01 01:00:00 UTC; 2 more hosts wait.',
    );
  });

  it('are listed for programs, with the reason, and the number of those that are left out', () => {
    expect(waitingHosts({ longest: [], more: 0 })).toEqual({});
    const longest = [outageOf('a.example', 'connect'), { ...outageOf('*', 'dns') }];
    const until = '2026-01-01T01:00:00.000Z';
    expect(waitingHosts({ longest, more: 3 })).toEqual({
      waits: [
        { host: 'a.example', until, reason: 'answers nothing (connect)' },
        { host: 'the network', until, reason: 'answers nothing (dns)' },
      ],
      moreWaits: 3,
    });
  });

  it('are no evidence that the network is gone, however many there are; only a batch reports that', () => {
    const silent = [outageOf('a', 'connect'), outageOf('b', 'dns'), outageOf('c', 'timeout')];
    expect(waitsTextOf(silent)).toMatch(/^a answers nothing/);
    const gone = [...silent, { ...outageOf('*', 'dns'), why: 'network' as const }];
    expect(waitsTextOf(gone, true)).toMatch(/^a answers nothing/);
    expect(waitsTextOf(gone)).toMatch(/^The network seems to be gone: none of 4 hosts/);
    const details = { ...download, waits: longestWaits(gone), isNetworkGone: true };
    expect(runDetails({ ...running, download: details })).toContain(
      '**The network seems to be gone:**',
    );
  });

  it('name what the proxy did, when it is the reason that nothing can be reached', () => {
    const detail = 'the proxy asks for another user name and password (407)';
    const waits = [
      { ...outageOf('a', 'connect'), until: '2026-01-01T02:00:00.000Z' },
      { ...outageOf('*', 'connect'), why: 'network' as const, detail },
    ];
    expect(waitsTextOf(waits)).toBe(
      `Nothing can be reached: ${detail}. It is tried again at 2026-01-01 01:00:00 UTC at the latest.`,
    );
    const gone = { ...download, waits: longestWaits(waits), isNetworkGone: true };
    expect(runDetails({ ...running, download: gone })).toContain(
      '**Nothing can be reached:** the proxy asks',
    );
  });

  it('set the least time that the run takes, and leave it unknown while the network is gone', () => {
    const entry = { ...counted, state: 'running' as const, ratePerSecond: 100 };
    const until = new Date(Date.now() + 60_000).toISOString();
    const waits = { until, isNetworkGone: false };
    expect(runEntry(entry).secondsLeft).toBe(2);
    expect(runEntry({ ...entry, waits }).secondsLeft).toBeGreaterThan(55);
    expect(runEntry({ ...entry, ratePerSecond: 0, waits }).secondsLeft).toBeGreaterThan(55);
    expect(runEntry({ ...entry, waits: { until, isNetworkGone: true } }).secondsLeft).toBeNull();
    expect(runEntry({ ...entry, ratePerSecond: 0 }).secondsLeft).toBeNull();
  });
});

const counted = {
  runId: 'r',
  workflowId: 'w',
  startedAt: now,
  step: null,
  obstacle: null,
  counts: { ...NO_OUTCOMES, planned: 1_000, stored: 800 },
};
