/**
 * `npm run test:quick`: what one runs after each change. `npm test` runs these tests too.
 *
 * The rule: all files outside `test/run`, except the SLOW ones; one file of whole runs for each
 * mechanism; and of the tests in a file what test/helpers/suites/quick-tier.ts leaves.
 */
const base = require('./jest.config.cjs');

/** Read by test/helpers/suites/quick-tier.ts. The processes of the tests inherit it. */
process.env.TEST_TIER = 'quick';

/** One file of whole runs, below `test/run`, for each mechanism. */
const WHOLE_RUNS = {
  'run, run again, snapshot, verify': 'main-job',
  'kill, cancel, resume': 'kills/interrupted',
  'pause, budget, park, retry': 'operators/operators',
  'features, clusters, aggregates': 'analysis/clusters',
};

/**
 * Files outside `test/run` that take more than five seconds, or start a Temporal server, by the
 * folder below `test`. Whoever changes what such a file tests runs it by its name.
 */
const SLOW = {
  catalog: ['csv/quotes', 'examples', 'inspect/proposals', 'many-rows', 'packed'],
  cli: ['run/withdrawn-run'],
  compose: ['topology'],
  download: [
    ...['attempt-fence', 'budget-owner-lost', 'done-but-failed', 'few-open-files', 'host-budget'],
    ...['hosts/limits/adaptive-rate', 'hosts/network/block-pages', 'http2', 'isolated-batch'],
    ...['lost-network', 'outages', 'own-code', 'refusals', 'shared-budgets', 'through-proxy'],
  ],
  embeddings: ['check-model'],
  faults: ['killed-decoder', 'workflow'],
  features: ['run-feature-batch'],
  files: ['image-store/crash-points', 'image-store/disk-trouble'],
  http: ['connect/connector', 'deadline', 'names', 'names/name-resolver', 'names/name-sources'],
  images: ['decoder-limits'],
  imports: ['import-rules'],
  maintenance: ['upkeep'],
  models: ['build-models', 'models-command', 'package-models', 'reuse'],
  plan: ['lane-packer'],
  preview: ['preview-run'],
  report: ['draw-report'],
  serve: ['hostile-text', 'run-under-way', 'serve', 'sql-escapes', 'sql'],
  server: ['connect-failures', 'dev-server', 'standstill'],
  verify: ['verify'],
  warehouse: [
    ...['database-file/damaged-file', 'database-file/private-copy', 'failing-disk', 'kills'],
    ...['database-file/write-ahead-log', 'merge/catalog-mark', 'merge/collections'],
    ...['merge/row-numbers', 'rebuild/rebuild-warehouse', 'schema/added-columns'],
    ...['schema/migrate-warehouse', 'schema/migration-killed', 'schema/same-schema'],
    ...['snapshot/derived-files', 'snapshot/readers', 'text-unchanged', 'writer-lock'],
  ],
};

const pathOf = (/** @type {string} */ name) => `**/test/${name}.test.ts`;
const slow = Object.entries(SLOW).flatMap(([folder, names]) =>
  names.map((name) => `${folder}/${name}`),
);

/** @type {import('jest').Config} */
module.exports = {
  ...base,
  // The last pattern that matches a file decides.
  testMatch: [
    '**/test/**/*.test.ts',
    '!**/test/run/**',
    ...slow.map((name) => `!${pathOf(name)}`),
    ...Object.values(WHOLE_RUNS).map((name) => pathOf(`run/${name}`)),
  ],
};
