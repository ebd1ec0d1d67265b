/**
 * The process that reads an untrusted catalog. Started by parse-catalog in a scratch folder of its
 * own.
 */
import { parseJob } from '../processes/process-messages';
import { reportRows, serveProcess } from '../processes/serve-process';
import { readCatalog } from './read-catalog';

serveProcess(parseJob, (job) => readCatalog(job, reportRows));
