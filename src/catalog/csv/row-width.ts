/**
 * How many fields a row may have. Some programs write a delimiter behind the last field of each row
 * but not of the header, or of the header but not of the rows.
 */

/** Rows have as many fields as the header. The last ones may be missing if they have no name. */
export interface RowWidth {
  readonly least: number;
  readonly most: number;
}

/** The width of the rows below a header. */
export function widthOfHeader(header: readonly string[]): RowWidth {
  const least = 1 + header.findLastIndex((name) => name.trim() !== '');
  return { least: least === 0 ? header.length : least, most: header.length };
}

/** The width of rows without a header, of which this is the first. */
export function widthOfRow(row: readonly string[]): RowWidth {
  return { least: row.length, most: row.length };
}

/** Whether a row has enough fields, and nothing but empty ones beyond the header's. */
export function fitsWidth(fields: readonly string[], { least, most }: RowWidth): boolean {
  if (fields.length <= most) return fields.length >= least;
  for (let index = most; index < fields.length; index += 1) if (fields[index] !== '') return false;
  return true;
}

/**
 * Says that a row has another number of fields than the row that sets it; null when it fits.
 *
 * @param setBy the row that sets the width.
 */
export function widthProblem(
  fields: readonly string[],
  width: RowWidth,
  setBy: 'header' | 'first row',
): string | null {
  if (fitsWidth(fields, width)) return null;
  return `${fields.length} fields where the ${setBy} has ${width.most}`;
}
