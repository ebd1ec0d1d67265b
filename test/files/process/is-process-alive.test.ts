import { isProcessAlive } from '../../../src/files/process/is-process-alive';
import { endProcess, startOthersProcess, withoutRights } from '../../helpers/failures/other-user';

describe('isProcessAlive', () => {
  it('is true for a process of another user, and false once that has ended', async () => {
    const other = await startOthersProcess();
    const isOtherAlive = (): boolean => isProcessAlive(Number(other.pid));
    expect(await withoutRights(isOtherAlive)).toBe(true);
    expect(isOtherAlive()).toBe(true);
    await endProcess(other);
    expect(await withoutRights(isOtherAlive)).toBe(false);
    expect(isOtherAlive()).toBe(false);
  });

  it('is false for pids that name a group, all processes, or no process', () => {
    for (const pid of [0, -1, -process.pid, Number.NaN, 1.5, Number.MAX_SAFE_INTEGER])
      expect(isProcessAlive(pid)).toBe(false);
    expect(isProcessAlive(process.pid)).toBe(true);
  });
});
