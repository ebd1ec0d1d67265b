/**
 * Ends `run` before anything is changed when its catalog lists other images than its collection.
 */
import fs from 'node:fs';
import { collectionText } from '../../../contract/catalog/collection-name';
import { dataRootPaths } from '../../../files/data-root';
import type { CommandContext } from '../../command-context';
import { UsageError } from '../../usage-error';
import { otherListingCommands } from '../run-command-line';
import type { AskedRun } from '../run-request';

/**
 * @returns the folder with the catalog as the comparison parsed it, which the caller removes after
 *   the run; null when nothing was parsed.
 * @throws UsageError with two commands, of which the user chooses one.
 */
export async function refuseOtherListing(
  { config, terminal }: CommandContext,
  { options, files, input }: AskedRun,
): Promise<string | null> {
  const { dataRoot, database } = config;
  // The first run of a data root compares nothing, so it must not wait until these modules are
  // loaded.
  if (!fs.existsSync(dataRootPaths(dataRoot).snapshot)) return null;
  const { compareCatalog } = await import('../../../preview/compare-catalog.js');
  const { other, parsed } = await compareCatalog({
    dataRoot,
    database,
    input,
    files,
    onReading: () => {
      terminal.say('comparing the catalog with its collection');
    },
  });
  if (other === null) return parsed;
  const { known, kept, collections } = other;
  throw new UsageError(
    [
      `input: The catalog keeps id and URL of ${kept} of the ${known} images of ${collectionText(input.collection)}, which are fewer than half. Nothing was changed.`,
      ...otherListingCommands(options, dataRoot, collections),
    ].join('\n'),
  );
}
