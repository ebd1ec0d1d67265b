/** The process that finds groups of images. `findClusters` starts it in a scratch folder. */
import { openDerivedConnection, publishedFingerprints } from '../../processes/attached-files';
import { asStepError } from '../../processes/process-failure';
import { serveProcess } from '../../processes/serve-process';
import { clusterJob, CLUSTERS_NAME, type ClusterJob, type ClusterResult } from '../cluster-job';
import { countClusters } from './count-clusters';
import { fingerprintOf } from './fingerprint';
import { groupFiles } from './group-files';
import { selectFiles } from './select-files';
import { writeClusters } from './write-clusters';

async function clustersOfSnapshot({ runId, database }: ClusterJob): Promise<ClusterResult> {
  const { instance, connection } = await openDerivedConnection({
    database,
    derived: CLUSTERS_NAME,
    files: [],
    task: 'Finding groups of images',
  });
  await selectFiles(connection);
  const fingerprint = await fingerprintOf(connection);
  if ((await publishedFingerprints(connection)).get('cluster') === fingerprint)
    return { isWritten: false, counts: await countClusters(connection, 'snapshot') };
  await groupFiles(connection);
  await writeClusters(connection, { runId, fingerprint });
  const counts = await countClusters(connection, 'derived');
  connection.closeSync();
  // Closing writes the log into the file.
  instance.closeSync();
  return { isWritten: true, counts };
}

serveProcess(clusterJob, (job) =>
  clustersOfSnapshot(job).catch((error: unknown) => {
    throw asStepError(error, 'db_corrupt');
  }),
);
