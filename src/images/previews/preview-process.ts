/** The process that makes previews: receives batches of files from its parent and ends with it. */
import os from 'node:os';
import { serveLimitedProcess } from '../serve-limited-process';
import { makePreview } from './make-preview';

os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
serveLimitedProcess('makePreviews', makePreview);
