/**
 * A batch is killed at every system call with which it stores images, one process per call (F15).
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { crash } from './crash-scene';
import { canTrace } from '../traced-batch';

/**
 * The system calls of a batch on files of the data root. strace counts each kind of call per
 * thread.
 */
async function pointsOf(calls: string): Promise<readonly (readonly [call: string, nth: number])[]> {
  const log = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-trace-')), 'log');
  await crash({ calls, nth: 0, what: '', log });
  const lines = fs.readFileSync(log, 'utf8').split('\n');
  fs.rmSync(path.dirname(log), { recursive: true });
  const seen = new Map<string, number>();
  const points = new Map<string, readonly [call: string, nth: number]>();
  for (const line of lines) {
    const [, thread, call] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    if (thread === undefined || call === undefined) continue;
    const nth = (seen.get(`${thread} ${call}`) ?? 0) + 1;
    seen.set(`${thread} ${call}`, nth);
    // A name in an open folder is created through the folder's descriptor.
    if (/artemis-batch-\w+\/|\/proc\/self\/fd\//.test(line))
      points.set(`${call} ${nth}`, [call, nth]);
  }
  return [...points.values()].filter(([call]) => calls.split(',').includes(call));
}

(canTrace ? describe : describe.skip)('a worker that is killed while it stores images', () => {
  it.each([
    'openat',
    'write,pwrite64',
    'fsync,fdatasync',
    'fchmod,chmod',
    'link,linkat',
    'unlink,unlinkat',
    'mkdir,mkdirat',
    'close',
  ])(
    'at any %s below the data root leaves no partial file or line, and the next batch stores the rest',
    async (calls) => {
      const points = await pointsOf(calls);
      expect(points.length).toBeGreaterThan(1);
      let killed = 0;
      for (const [call, nth] of points) {
        const { end, problems } = await crash({ calls: call, nth, what: 'signal=KILL' });
        expect({ call, nth, problems }).toEqual({ call, nth, problems: [] });
        // The number of groups and of ledger syncs depends on timing, so the last calls may not
        // occur.
        if (end.answer === null) killed += 1;
        else expect(end.answer).toMatchObject({ place: null, stored: 4 });
      }
      expect(killed).toBeGreaterThan(points.length / 2);
    },
    600_000,
  );
});
