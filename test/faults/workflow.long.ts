/**
 * Runs the whole table three times through a workflow. The warehouse must contain what the table
 * expects.
 */
import { canHaveOwnInternet } from '../helpers/hosts/own-internet';
import { faultCases } from './fault-cases';
import { makeSampleImages } from './sample-images';
import { expectAsInTheTable, expectNeighboursStored } from './workflow-expectations';
import { FaultRun } from './workflow-run';

const TABLES = [
  ['of what is not kept', faultCases.filter(({ keep }) => keep === undefined)],
  ['of what is kept', faultCases.filter(({ keep }) => keep !== undefined)],
] as const;

(canHaveOwnInternet ? it : it.skip).each(TABLES)(
  'the warehouse records the cases %s as the table has them, after one, two and three runs',
  async (_which, cases) => {
    const run = await FaultRun.create(cases, await makeSampleImages());
    try {
      run.plant();
      for (const index of [0, 1, 2] as const) {
        const told = await run.run();
        expectAsInTheTable(run, told, index);
        expectNeighboursStored(run, told);
        if (index === 0) for (const one of run.cases) run.after(one);
      }
      run.removePlanted();
      await run.pipeline.expectFine('verify', '--deep');
    } catch (error) {
      // What a failed run leaves is no failure of its own.
      await run.dispose().catch(() => undefined);
      throw error;
    }
    await run.dispose();
  },
  900_000,
);
