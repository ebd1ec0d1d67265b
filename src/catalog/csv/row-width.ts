import type { CsvRow } from './csv-reader';

/**
 * Says that a row has another number of fields than the row that sets it; null when it has not.
 *
 * @param width number of fields of that row.
 */
export function widthProblem(
  { fields }: CsvRow,
  width: number,
  setBy: 'header' | 'first row',
): string | null {
  return fields.length === width ? null : `${fields.length} fields where the ${setBy} has ${width}`;
}
