/** A disk that gives up while images are stored: one message, nothing half-written counts, the rest when it is well. (F1–F6, F14) */
import { crash } from './crash-scene';
import { canTrace } from './traced-batch';

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
      const { end, problems } = await crash({ calls, nth: 1, what: `error=${error}` });
      expect(end.answer).toMatchObject({ code });
      expect((end.answer as { message: string }).message).toMatch(words);
      expect(problems).toEqual([]);
    },
  );
});
