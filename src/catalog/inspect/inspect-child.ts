/**
 * The process that inspects an untrusted catalog. inspect-catalog.ts starts it in a scratch folder
 * of its own.
 */
import { serveProcess } from '../../processes/serve-process';
import { ColumnsNotFound } from '../catalog-columns';
import { checkSample } from './check-sample';
import { inspectJob, type CatalogCheck } from './inspection';
import { inspectSample } from './inspect-sample';

serveProcess(inspectJob, (job) =>
  job.kind === 'inspect' ? inspectSample(job) : checkSample(job).catch(columnsNotFound),
);

/** Returned as a result, because the parent could not tell this error from others. */
function columnsNotFound(error: unknown): CatalogCheck {
  if (!(error instanceof ColumnsNotFound)) throw error;
  return { kind: 'columnsNotFound', message: error.message };
}
