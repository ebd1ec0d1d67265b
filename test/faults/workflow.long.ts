/** Runs the whole table through one workflow. The warehouse must contain what the table expects. */
import { canHaveOwnInternet } from '../helpers/own-internet';
import { faultCases } from './fault-cases';
import { makeSampleImages } from './sample-images';
import { expectAsInTheTable, expectNeighboursStored } from './workflow-expectations';
import { FaultRun } from './workflow-run';

(canHaveOwnInternet ? it : it.skip)(
  `${faultCases.length} cases are told by the warehouse as they are`,
  async () => {
    const run = await FaultRun.create(faultCases, await makeSampleImages());
    try {
      const told = await run.run();
      expectAsInTheTable(run, told);
      expectNeighboursStored(run, told);
      for (const one of run.cases) run.after(one);
      run.removePlanted();
      await run.pipeline.expectFine('verify', '--deep');
    } finally {
      await run.dispose();
    }
  },
  300_000,
);
