/** The catalog's format, told from its name when the input does not say. */
import { formatByExtension } from '../contract/catalog/catalog-format';
import { StepError } from '../contract/errors';
import { CATALOG_FORMATS, type CatalogFormat } from '../contract/run-input';

/** **Errors** StepError `input` when the name does not tell. */
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
    `The format of the catalog "${catalog}" cannot be told from its name. Add "format" (--format): one of ${CATALOG_FORMATS.join(', ')}.`,
  );
}
