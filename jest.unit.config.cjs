/**
 * `npm run test:unit`: the suites of pure functions. They start no process, need no built program,
 * and answer in seconds. `npm test` runs them too.
 */
const { globalSetup: _setup, globalTeardown: _teardown, ...base } = require('./jest.config.cjs');

/** @type {import('jest').Config} */
module.exports = {
  ...base,
  testMatch: [
    '**/activities/fenced-attempts.test.ts',
    '**/cli/*.test.ts',
    '**/cli/run/{not-begun-text,run-ended}.test.ts',
    '**/config/*.test.ts',
    '**/contract/**/*.test.ts',
    '**/embeddings/input-values.test.ts',
    '**/faults/rows.test.ts',
    '**/files/image-store/{group-commit,image-name}.test.ts',
    '**/http/{host-headers,special-addresses}.test.ts',
    '**/imports/security-table.test.ts',
    '**/input/*.test.ts',
    '**/models/read-model-files.test.ts',
    '**/run/fault-table.test.ts',
    '**/telemetry/host-waits.test.ts',
    '**/workflows/download/lane-budget.test.ts',
    '**/workflows/{commit-pause,pages,waiting-hosts}.test.ts',
  ],
};
