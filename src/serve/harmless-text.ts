/** Texts in the CSV files that the interface offers. */
import { FORMULA_START } from '../contract/spreadsheet-formula';

/**
 * @param expression an SQL expression with a text as its value.
 * @returns the expression of the same text, or of one that no spreadsheet program evaluates.
 */
export function harmlessText(expression: string): string {
  return `CASE WHEN regexp_matches(${expression}, '${FORMULA_START}') THEN concat('''', ${expression}) ELSE ${expression} END`;
}
