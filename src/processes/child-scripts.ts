/**
 * The programs of child processes that work on untrusted files or in a database of their own, as
 * compiled files below `dist/`. The build bundles each into one file of the same name below
 * `dist/bundled/` (bin/bundle.js).
 */
export const CHILD_SCRIPTS = [
  'catalog/catalog-child.js',
  'catalog/inspect/inspect-child.js',
  'clusters/child/cluster-process.js',
  'embeddings/child/embedding-process.js',
  'models/child/model-process.js',
  'plan/features/feature-plan-process.js',
  'plan/plan-process.js',
  'report/child/report-process.js',
  'serve/child/sql-process.js',
  'serve/child/view-process.js',
] as const;

export type ChildScript = (typeof CHILD_SCRIPTS)[number];
