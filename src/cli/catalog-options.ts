/** The options of `run` that say how a catalog is read. Each is a field of the input. */
import { Option, type Command } from 'commander';
import { CATALOG_FORMATS, ID_SOURCES } from '../contract/run-input';

/** @returns `run`, with the options added. */
export function addCatalogOptions(run: Command): Command {
  return run
    .option(
      '--id-column <name>',
      'The column with the ids (default: id). Repeat it for ids that are made of several columns.',
      collect,
    )
    .option(
      '--url-column <name>',
      'The column with the URLs of the images (default: url), or a path such as images[].url. Repeat it for several columns.',
      collect,
    )
    .option(
      '--format <name>',
      `The format, where the name of the file does not show it: ${CATALOG_FORMATS.join(', ')}.`,
    )
    .option(
      '--many',
      'Take several images of one id: every image gets the id <id>#<hash of its URL>.',
    )
    .option('--id-from <what>', `What the ids are made of: ${ID_SOURCES.join(', ')}.`)
    .option(
      '--no-header',
      'The first row is data, and the columns are called column_1, column_2, …',
    )
    .option(
      '--url-separator <text>',
      'The text between several URLs in one cell (default: recognised in each cell).',
    )
    .option(
      '--url-template <template>',
      'Makes each URL from columns, for example https://example.org/{id}.jpg.',
    )
    .option('--base-url <url>', 'The start of every URL that has no scheme.')
    .option(
      '--records <key>',
      'The key of a JSON file that holds the records, for example data.items; . is the whole file.',
    )
    .option('--integer-ids', 'Remove the .0 of ids that are whole numbers: 12.0 becomes 12.')
    .option(
      '--image-size <size>',
      'The size of the images of IIIF manifests, for example 843, or max.',
    )
    .addOption(memberOption())
    .addOption(collectionOption())
    .option(
      '--replace',
      'Take the catalog in place of the one before it, however much it differs.',
    );
}

/** Also of `inspect`, which passes it on to the command that it prints. */
export function collectionOption(): Option {
  return new Option(
    '--collection <name>',
    'The collection that the catalog lists, where the data root has several (default: the unnamed one).',
  );
}

/** Also of `inspect`, which passes it on likewise. */
export function memberOption(): Option {
  return new Option(
    '--member <path>',
    'The file inside a zip archive that is the catalog, where the archive has several.',
  );
}

/** The values of an option that may be repeated. */
function collect(value: string, former: readonly string[] | undefined): readonly string[] {
  return [...(former ?? []), value];
}
