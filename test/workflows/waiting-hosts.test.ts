/** Waiting hosts, as pages and `status` tell them. */
import type { HostWait } from '../../src/contract/download';
import type { ImageCode } from '../../src/contract/outcome';
import { isNetworkGone, waitsWords } from '../../src/workflows/host-words';
import { longestWaits } from '../../src/workflows/longest-waits';
import { runPage } from '../../src/workflows/run-page';
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
    waitsWords({ waits: longestWaits(waits), isNetworkGone: isNetworkGone(waits, isAtWork) });

  it('are told with the reason', () => {
    expect(words([])).toBeNull();
    expect(words([out('a.example', 'connect')])).toBe(
      'a.example answers nothing (connect): asked again at 2026-01-01 01:00:00 UTC.',
    );
    expect(words([out('a', 'http_502'), out('b', 'connect'), out('c', 'dns')])).toContain(
      'a answers only http_502: asked again at 2026-01-01 01:00:00 UTC; 2 more hosts wait.',
    );
  });

  it('are the network when several cannot be reached, and nobody is at work', () => {
    const silent = [out('a', 'connect'), out('b', 'dns'), out('c', 'timeout')];
    expect(words(silent)).toMatch(/^The network seems to be gone: none of 3 hosts/);
    expect(words(silent, true)).toMatch(/^a answers nothing/);
    expect(words([{ ...out('*', 'dns'), why: 'network' }])).toMatch(/^The network seems/);
    const gone = { ...download, waits: longestWaits(silent), isNetworkGone: true };
    expect(runPage({ ...running, download: gone })).toContain('**The network seems to be gone:**');
  });
});
