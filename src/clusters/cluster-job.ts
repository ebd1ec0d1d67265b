/** The job of the process that finds groups of images, and the result that it returns. */
import { z } from 'zod';

/** The working folder of the process is the scratch folder, which contains the snapshot. */
export const clusterJob = z.strictObject({
  /** The run that finds the groups, for the table `derived_from`. */
  runId: z.string(),
  database: z.strictObject({ memory: z.string(), threads: z.number().int().positive() }),
});
export type ClusterJob = Readonly<z.infer<typeof clusterJob>>;

export const clusterResult = z.strictObject({
  /** False when the snapshot has the groups of the same input: then no file was written. */
  isWritten: z.boolean(),
  /** As `ClusterCounts` explains them. */
  counts: z.strictObject({
    exactGroups: z.number(),
    exactCopies: z.number(),
    nearGroups: z.number(),
    nearDuplicates: z.number(),
    visualGroups: z.number(),
    compared: z.number(),
    tooPlain: z.number(),
    notCompared: z.number(),
  }),
});
export type ClusterResult = Readonly<z.infer<typeof clusterResult>>;

/** Name of the file with the tables in the scratch folder. */
export const CLUSTERS_NAME = 'clusters.duckdb';
