/** Runs some cases of the table through one workflow. workflow.long.ts runs all of them. */
import { canHaveOwnInternet } from '../helpers/hosts/own-internet';
import { faultCases } from './fault-cases';
import { idOf } from './fault-case';
import { makeSampleImages } from './sample-images';
import { expectAsInTheTable, expectNeighboursStored } from './workflow-expectations';
import { FaultRun } from './workflow-run';

/** One case of each kind, without those that wait. */
const CHOSEN = [
  ...['N2 closed in the body, of known length', 'N7 chunked, without its last chunk'],
  ...['N12 a length above the limit', 'N13 plain bytes that are called gzip', 'N14 five redirects'],
  ...['N16 a redirect to 169.254.169.254', 'N19 no URL: "N/A"', 'N22 304 that nobody asked for'],
  ...['N25 status 404', 'N28 a certificate: wrong host', 'N29 a page that says it is an image'],
  ...['N32 another protocol', 'N33 a name that does not exist', 'I4 a PNG without IEND'],
  ...['N13 gzip', 'N26 201 with an image', 'N25 the reason in JSON'],
  ...['I3 bytes behind a PNG', 'I5 256 megapixels', '../../etc/x'],
];

(canHaveOwnInternet ? it : it.skip)(
  `${CHOSEN.length} cases are told by the warehouse as they are`,
  async () => {
    const chosen = faultCases.filter((fault) => CHOSEN.includes(idOf(fault)));
    expect(chosen).toHaveLength(CHOSEN.length);
    const run = await FaultRun.create(chosen, await makeSampleImages());
    try {
      run.plant();
      const told = await run.run();
      expectAsInTheTable(run, told);
      expectNeighboursStored(run, told);
    } finally {
      await run.dispose();
    }
  },
);
