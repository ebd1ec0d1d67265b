/**
 * A disk that fails while images are stored: the batch ends with one message, leaves no partial
 * file, and a later batch stores the rest (F1 to F6, F14).
 */
import { crash } from './crash-scene';
import { canTrace } from '../traced-batch';

/**
 * Before it stores images, a batch links the marker of shared budgets and creates its folder. It
 * can continue without them, so these calls are skipped.
 */
const FIRST_OF_STORING: Readonly<Record<string, number>> = { 'link,linkat': 2, 'mkdir,mkdirat': 3 };

(canTrace ? describe : describe.skip)(
  'a batch whose disk fails (errors injected by strace)',
  () => {
    it.each([
      ['a full disk while naming a file', 'link,linkat', 'ENOSPC', 'disk_full', /no space .*df -i/],
      ['a used-up quota while creating a folder', 'mkdir,mkdirat', 'EDQUOT', 'disk_full', /quota/],
      ['a file size limit at the ledger', 'fdatasync', 'EFBIG', 'disk_full', /ulimit -f/],
      ['an I/O error during a sync', 'fsync', 'EIO', 'disk_io', /dmesg/],
      [
        'a read-only file system while naming a file',
        'link,linkat',
        'EROFS',
        'disk_readonly',
        /mounted read-only/,
      ],
      [
        'a missing permission while creating a folder',
        'mkdir,mkdirat',
        'EACCES',
        'disk_readonly',
        /permission/,
      ],
      [
        'another file system while naming a file',
        'link,linkat',
        'EXDEV',
        'cross_device',
        /different file systems/,
      ],
    ])(
      'reports %s (%s fails with %s) as %s, and the next batch stores the rest',
      async (_what, calls, error, code, message) => {
        const nth = FIRST_OF_STORING[calls] ?? 1;
        const { end, problems } = await crash({ calls, nth, what: `error=${error}` });
        expect(end.answer).toMatchObject({ code });
        expect((end.answer as { message: string }).message).toMatch(message);
        expect(problems).toEqual([]);
      },
    );
  },
);
