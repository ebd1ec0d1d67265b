/** K6: `tmp/` is empty when nothing runs. */
import fs from 'node:fs';
import { dataRootPaths } from '../files/data-root';
import { readStatus } from '../files/run-status';
import { Finding, type Check } from './check';

export async function checkTempFiles(dataRoot: string): Promise<Check> {
  const finding = new Finding('K6');
  const { tmp } = dataRootPaths(dataRoot);
  if (!fs.existsSync(tmp) || (await somethingRuns(dataRoot))) return finding.check();
  for (const name of fs.readdirSync(tmp)) {
    // Questions may be asked at any time, this very check among them.
    if (name.startsWith('query-spill-')) continue;
    finding.count();
    finding.problem(`tmp/${name} was left behind`);
  }
  return finding.check();
}

async function somethingRuns(dataRoot: string): Promise<boolean> {
  const { runs } = await readStatus(dataRoot, new Date());
  const ended = ['completed', 'failed', 'cancelled', 'aborted'];
  return runs.some((run) => !run.cutOff && !ended.includes(run.state));
}
