/** A disk that gives up while images are stored: one message, nothing half-written counts, the rest when it is well. (F1–F6, F14) */
import { crash } from './crash-scene';
import { canTrace } from '../traced-batch';

/** Before it stores, a batch links and makes the folder of the marker of shared budgets, and can do without it. */
const FIRST_OF_STORING: Readonly<Record<string, number>> = { 'link,linkat': 2, 'mkdir,mkdirat': 3 };

(canTrace ? describe : describe.skip)('an error of the disk (made by strace)', () => {
  it.each([
    ['no space for a file', 'link,linkat', 'ENOSPC', 'disk_full', /no space .*df -i/],
    ['the quota, at a folder', 'mkdir,mkdirat', 'EDQUOT', 'disk_full', /quota/],
    ['a limit of file sizes, at the ledger', 'fdatasync', 'EFBIG', 'disk_full', /ulimit -f/],
    ['an I/O error, at a sync', 'fsync', 'EIO', 'disk_io', /dmesg/],
    ['read-only, at a name', 'link,linkat', 'EROFS', 'disk_readonly', /mounted read-only/],
    ['no permission, at a folder', 'mkdir,mkdirat', 'EACCES', 'disk_readonly', /permission/],
    [
      'another file system, at a name',
      'link,linkat',
      'EXDEV',
      'cross_device',
      /different file systems/,
    ],
  ])(
    '%s: %s %s is %s, and the next batch does the rest',
    async (_what, calls, error, code, words) => {
      const nth = FIRST_OF_STORING[calls] ?? 1;
      const { end, problems } = await crash({ calls, nth, what: `error=${error}` });
      expect(end.answer).toMatchObject({ code });
      expect((end.answer as { message: string }).message).toMatch(words);
      expect(problems).toEqual([]);
    },
  );
});
