/** The reasons for which a catalog row is rejected. docs/reference/codes.md describes each code. */
export const REJECT_CODES = [
  'bad_id',
  'duplicate_conflict',
  'bad_row',
  'bad_encoding',
  'not_fetched',
] as const;
export type RejectCode = (typeof REJECT_CODES)[number];
