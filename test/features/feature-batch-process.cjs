/** Works on a batch in a process that a test kills: node feature-batch-process.cjs ROOT RUN LANE TO. */
const { createFeaturePool } = require('../../dist/features/feature-pool');
const { runFeatureBatch } = require('../../dist/features/run-feature-batch');

const [dataRoot, runId, lane, to] = process.argv.slice(2);
const place = { from: 0, to: Number(to) };
void runFeatureBatch({
  dataRoot,
  input: {
    warehouseId: 'w',
    runId,
    lane,
    place,
    dispatch: 1,
    sinceDispatch: 1,
    timeBoxSeconds: 60,
  },
  attempt: 1,
  pixels: 1e8,
  pool: createFeaturePool({ processes: 1, timeoutMs: 20_000 }),
  signal: new AbortController().signal,
  onProgress: ({ computed }) => process.send(computed),
});
