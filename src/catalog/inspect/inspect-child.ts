/** The process that inspects an untrusted catalog. Started by inspect-catalog in a scratch folder of its own. */
import { serveProcess } from '../../processes/serve-process';
import { checkSample } from './check-sample';
import { inspectJob } from './inspection';
import { inspectSample } from './inspect-sample';

serveProcess(inspectJob, (job) => (job.kind === 'inspect' ? inspectSample(job) : checkSample(job)));
