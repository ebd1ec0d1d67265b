/** Check K6: `tmp/` is empty when no run is under way. */
import fs from 'node:fs';
import { dataRootPaths } from '../files/data-root';
import { runsUnderWay } from '../files/run/runs-under-way';
import { Finding, type Check } from './check-result';

export async function checkTempFiles(dataRoot: string): Promise<Check> {
  const finding = new Finding('K6');
  const { tmp } = dataRootPaths(dataRoot);
  if (!fs.existsSync(tmp) || (await runsUnderWay(dataRoot)).length > 0) return finding.check();
  for (const name of fs.readdirSync(tmp)) {
    // Queries, including those of this check, may have such a folder at any time.
    if (name.startsWith('query-spill-')) continue;
    finding.count();
    finding.problem(`tmp/${name} was left behind`);
  }
  return finding.check();
}
