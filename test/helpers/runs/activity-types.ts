/**
 * Every activity type of this program. `activity-types.test.ts` checks that the list is complete,
 * and `activity-commands-more.long.ts` uses each of them.
 */
export const ACTIVITY_TYPES = [
  ...['openRun', 'parseCatalog', 'mergeCatalog', 'planDownloads', 'awaitLease', 'readPlanPage'],
  ...['downloadBatch', 'commitLedgers', 'publishSnapshot', 'recordProgress', 'recordRun'],
  ...['recallBatches', 'findObstacle', 'closeRun'],
  ...['planFeatures', 'featureBatch', 'commitFeatures', 'findClusters', 'computeEmbeddings'],
  ...['bindModels', 'buildModels'],
] as const;
