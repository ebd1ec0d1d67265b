/** Killed at every system call of the storing sequence, one process a call. (F15) */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { crash } from './crash-scene';
import { canTrace } from './traced-batch';

/** The process's calls that are on files of the data root. strace counts each kind, and each thread's own; ours are the first one's. */
async function pointsOf(calls: string): Promise<readonly (readonly [call: string, nth: number])[]> {
  const log = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-trace-')), 'log');
  await crash({ calls, nth: 0, what: '', log });
  const lines = fs.readFileSync(log, 'utf8').split('\n');
  fs.rmSync(path.dirname(log), { recursive: true });
  const [first = ''] = lines[0]?.split(' ') ?? [];
  return calls
    .split(',')
    .flatMap((call) =>
      lines
        .filter((line) => line.startsWith(`${first} `) && line.includes(` ${call}(`))
        .flatMap((line, index) =>
          /artemis-batch-\w+\//.test(line) ? [[call, index + 1] as const] : [],
        ),
    );
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
      for (const [call, nth] of points) {
        const { end, problems } = await crash({ calls: call, nth, what: 'signal=KILL' });
        expect({ call, nth, end, problems }).toEqual({
          call,
          nth,
          end: { answer: null },
          problems: [],
        });
      }
    },
    600_000,
  );
});
