/** Killed in the middle of storing, at a handful of points; at all of them: crash-points.long.ts. (F15) */
import { crash } from './crash-scene';
import { canTrace } from '../traced-batch';

(canTrace ? describe : describe.skip)('a worker that is killed while it stores', () => {
  it.each([
    ['the name of a file', 'link,linkat', 2],
    ['the removal of a temporary name', 'unlink,unlinkat', 1],
    ['a sync', 'fsync', 4],
    ['a sync of the ledger', 'fdatasync', 1],
    ['a change of rights', 'chmod', 2],
    ['the first name in a folder', 'link,linkat', 1],
    ['a folder', 'mkdir,mkdirat', 3],
  ])(
    'at %s: nothing half-written counts, and the next one does the rest',
    async (_what, calls, nth) => {
      const { end, problems } = await crash({ calls, nth, what: 'signal=KILL' });
      expect(end.answer).toBeNull();
      expect(problems).toEqual([]);
    },
  );
});
