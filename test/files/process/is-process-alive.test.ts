import { isProcessAlive } from '../../../src/files/process/is-process-alive';
import { endProcess, startOthersProcess, withoutRights } from '../../helpers/other-user';

describe('isProcessAlive', () => {
  it('is true for a process of another user, and false once it is gone', async () => {
    const other = await startOthersProcess();
    const look = (): boolean => isProcessAlive(Number(other.pid));
    expect(await withoutRights(look)).toBe(true);
    expect(look()).toBe(true);
    await endProcess(other);
    expect(await withoutRights(look)).toBe(false);
    expect(look()).toBe(false);
  });

  it('is false for what names no process: groups, all processes, and no number at all', () => {
    for (const pid of [0, -1, -process.pid, Number.NaN, 1.5, Number.MAX_SAFE_INTEGER])
      expect(isProcessAlive(pid)).toBe(false);
    expect(isProcessAlive(process.pid)).toBe(true);
  });
});
