/** Killed at every system call of the storing sequence, one process a call. (F15) */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { crash } from './crash-scene';
import { canTrace } from '../traced-batch';

/** The process's calls that are on files of the data root. strace counts each kind of call of each thread by itself. */
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
    // A name in a folder that is held open is given through its descriptor.
    if (/artemis-batch-\w+\/|\/proc\/self\/fd\//.test(line))
      points.set(`${call} ${nth}`, [call, nth]);
  }
  return [...points.values()].filter(([call]) => calls.split(',').includes(call));
}

(canTrace ? describe : describe.skip)('a worker that is killed while it stores', () => {
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
    'at any %s below the data root: nothing half-written counts, and the next one does the rest',
    async (calls) => {
      const points = await pointsOf(calls);
      expect(points.length).toBeGreaterThan(2);
      let killed = 0;
      for (const [call, nth] of points) {
        const { end, problems } = await crash({ calls: call, nth, what: 'signal=KILL' });
        expect({ call, nth, problems }).toEqual({ call, nth, problems: [] });
        // How many groups there are, and how often a ledger is synced, is a matter of time: the last calls may not come.
        if (end.answer === null) killed += 1;
        else expect(end.answer).toMatchObject({ place: null, stored: 4 });
      }
      expect(killed).toBeGreaterThan(points.length / 2);
    },
    600_000,
  );
});
