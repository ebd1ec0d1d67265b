/**
 * Derived files: tables that are computed from the snapshot alone. They can be computed again at
 * any time, and the warehouse has none of them.
 */

/** Each kind has one file, `derived/<kind>.duckdb`, and is merged in this order. */
export const DERIVED_KINDS = ['clusters', 'models', 'embeddings'] as const;

export type DerivedKind = (typeof DERIVED_KINDS)[number];

/** A file that a step has computed and that the next publication installs. */
export interface DerivedFile {
  readonly kind: DerivedKind;
  /** In `tmp/`, relative to the data root. */
  readonly path: string;
  /** Of the file, in lower-case hex. */
  readonly sha256: string;
}

/** Why the tables of a kind are not in the snapshot, or are those of an earlier file. */
export interface DerivedProblem {
  readonly kind: DerivedKind;
  readonly detail: string;
}
