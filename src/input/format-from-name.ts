/** Recognises the format of a catalog by its name, for an input that does not state the format. */
import { formatByExtension } from '../contract/catalog/catalog-format';
import { artemisCommand } from '../contract/commands/printed-command';
import { StepError } from '../contract/errors';
import { CATALOG_FORMATS, type CatalogFormat } from '../contract/run-input';

/** @throws StepError `input` when the name does not show the format. */
export function formatFromName(catalog: string): CatalogFormat {
  const format = formatByExtension(catalog);
  if (format !== null) return format;
  if (/\.(?:xlsx?|xlsm|xlsb|ods)$/i.test(catalog))
    throw new StepError(
      'input',
      `The catalog "${catalog}" is a spreadsheet, which is not read. Save its sheet as "CSV UTF-8", and name that file.`,
    );
  throw new StepError(
    'input',
    `The format of the catalog "${catalog}" cannot be told from its name. Add "format" (--format): one of ${CATALOG_FORMATS.join(', ')}. \`${artemisCommand('inspect', null)}\` looks at its content, and prints the command.`,
  );
}
