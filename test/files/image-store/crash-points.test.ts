/**
 * A batch is killed at some of the system calls with which it stores images (F15).
 * crash-points.long.ts covers all calls.
 */
import { crash } from './crash-scene';
import { canTrace } from '../traced-batch';

(canTrace ? describe : describe.skip)('a worker that is killed while it stores images', () => {
  it.each([
    ['the link of a final name', 'link,linkat', 2],
    ['the removal of a temporary name', 'unlink,unlinkat', 1],
    ['the sync of an image', 'fsync', 4],
    ['the sync of the ledger', 'fdatasync', 1],
    ['a change of mode', 'chmod', 2],
    ['the first link in a folder', 'link,linkat', 1],
    ['the creation of a folder', 'mkdir,mkdirat', 3],
  ])(
    'at %s leaves no partial file or line, and the next batch stores the rest',
    async (_what, calls, nth) => {
      const { end, problems } = await crash({ calls, nth, what: 'signal=KILL' });
      expect(end.answer).toBeNull();
      expect(problems).toEqual([]);
    },
  );
});
