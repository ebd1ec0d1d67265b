import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseHttpDate } from '../../src/http/http-date';
import { retryAfterMs } from '../../src/http/retry-after';

/** 2026-11-27 00:00:00 UTC */
const NOW = Date.UTC(2026, 10, 27);
const CAP = 3_600_000;

describe('a wait in seconds', () => {
  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7_000],
    ['007', 7_000],
    ['1.5', 1_500],
    ['0.0004', 1],
    ['30s', 30_000],
    ['30 seconds', 30_000],
    ['1 sec', 1_000],
    ['99999999999999999999999', CAP],
    ['120, 120', 120_000],
    ['5,60 , 30', 60_000],
  ])('%s', (header, wait) => {
    expect(retryAfterMs(header, NOW, CAP)).toBe(wait);
  });

  it('of several headers is the longest, and words beside it are ignored', () => {
    expect(retryAfterMs(['5', '60'], NOW, CAP)).toBe(60_000);
    expect(retryAfterMs(['soon', '60'], NOW, CAP)).toBe(60_000);
    expect(retryAfterMs(['5', 'Fri, 27 Nov 2026 00:01:00 GMT'], NOW, CAP)).toBe(60_000);
  });
});

describe('a wait until a date', () => {
  it.each([
    'Fri, 27 Nov 2026 00:02:00 GMT',
    'Friday, 27-Nov-26 00:02:00 GMT',
    'Fri Nov 27 00:02:00 2026',
    'fri, 27 nov 2026 00:02:00 gmt',
    'Fri, 27 Nov 2026 00:02:00 UTC',
    'Fri, 27 Nov 2026 01:02:00 +0100',
    'Fri, 27-Nov-2026 00:02:00 GMT',
    '2026-11-27T00:02:00Z',
    '2026-11-27T00:02:00.000+00:00',
  ])('%s', (header) => {
    expect(retryAfterMs(header, NOW, CAP)).toBe(120_000);
  });

  it('of the past is no wait, and one beyond the limit is cut to it', () => {
    expect(retryAfterMs('Wed, 21 Oct 2015 07:28:00 GMT', NOW, CAP)).toBe(0);
    expect(retryAfterMs('Sunday, 06-Nov-94 08:49:37 GMT', NOW, CAP)).toBe(0);
    expect(retryAfterMs('Sun Nov  6 08:49:37 1994', NOW, CAP)).toBe(0);
    expect(retryAfterMs('Fri, 27 Nov 2099 00:00:00 GMT', NOW, CAP)).toBe(CAP);
  });

  it('is the same in every time zone, also without a zone', () => {
    const script = `process.stdout.write(String(require(${JSON.stringify(
      path.join(__dirname, '../../dist/http/http-date.js'),
    )}).parseHttpDate('Fri Nov 27 00:02:00 2026', ${NOW})))`;
    for (const TZ of ['UTC', 'Asia/Tokyo', 'America/Los_Angeles']) {
      const env = { ...process.env, TZ };
      const { stdout } = spawnSync(process.execPath, ['-e', script], { env, encoding: 'utf8' });
      expect(Number(stdout)).toBe(NOW + 120_000);
    }
  });
});

it.each([
  '',
  '-5',
  '+5',
  'soon',
  'soon 5',
  'in 1 hour',
  '1e9',
  '0x10',
  '5 minutes',
  '1,5 s',
  'Nov 27',
  'Fri, 99 Nov 2026 00:00:00 GMT',
  'Fri, 27 Foo 2026 00:00:00 GMT',
])('no wait is read from "%s"', (header) => {
  expect(retryAfterMs(header, NOW, CAP)).toBeNull();
});

it('no wait is read without the header', () => {
  expect(retryAfterMs(undefined, NOW, CAP)).toBeNull();
});

it.each([
  ['76', 2076],
  ['77', 1977],
  ['94', 1994],
  ['00', 2000],
])('a year of two digits is at most 50 years ahead: %s is %i', (year, full) => {
  expect(parseHttpDate(`Sunday, 06-Nov-${year} 08:49:37 GMT`, NOW)).toBe(
    Date.UTC(full, 10, 6, 8, 49, 37),
  );
});
