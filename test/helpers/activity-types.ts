/** Every activity type of ours: `activity-types.test.ts` sees to it that none is forgotten, `activity-commands-more.long.ts` tries each. */
export const ACTIVITY_TYPES = [
  ...['openRun', 'parseCatalog', 'mergeCatalog', 'planDownloads', 'awaitLease', 'readPlanPage'],
  ...['downloadBatch', 'commitLedgers', 'publishSnapshot', 'recordProgress', 'recordRun'],
  ...['recallBatches', 'findObstacle', 'closeRun'],
  ...['planFeatures', 'featureBatch', 'commitFeatures'],
] as const;
