/**
 * Ends `run` before anything is changed when its catalog lists something else than its collection.
 */
import fs from 'node:fs';
import { collectionText } from '../../../contract/catalog/collection-name';
import { dataRootPaths } from '../../../files/data-root';
import type { CommandContext } from '../../command-context';
import { UsageError } from '../../usage-error';
import { otherListingCommands } from '../run-command-line';
import type { AskedRun } from '../run-request';

/** @throws UsageError with the two commands that go on. */
export async function refuseOtherListing(
  { config, terminal }: CommandContext,
  { options, files, input }: AskedRun,
): Promise<void> {
  const { dataRoot, database } = config;
  // The first run of a data root does not wait for modules that it does not need.
  if (!fs.existsSync(dataRootPaths(dataRoot).snapshot)) return;
  const { findOtherListing } = await import('../../../preview/compare-catalog.js');
  const found = await findOtherListing({
    dataRoot,
    database,
    input,
    files,
    onReading: () => {
      terminal.say('comparing the catalog with its collection');
    },
  });
  if (found === null) return;
  const { known, kept, collections } = found;
  throw new UsageError(
    [
      `input: The catalog keeps id and URL of ${kept} of the ${known} images of ${collectionText(input.collection)}, which are fewer than half. Nothing was changed.`,
      ...otherListingCommands(options, dataRoot, collections),
    ].join('\n'),
  );
}
