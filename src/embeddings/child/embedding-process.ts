/** The process that computes embeddings. `computeEmbeddings` starts it in a scratch folder. */
import os from 'node:os';
import { openDerivedConnection } from '../../processes/attached-files';
import { asStepError } from '../../processes/process-failure';
import { serveProcess } from '../../processes/serve-process';
import {
  embeddingJob,
  EMBEDDINGS_NAME,
  type ComputeJob,
  type ComputeResult,
  type EmbeddingJob,
} from '../embedding-job';
import { createPixelPool } from '../pixel-pool';
import { embedFiles } from './embed-files';
import { filesToEmbed, loadKnown, type FileToEmbed } from './known-embeddings';
import { loadOnnxModel } from './onnx-model';
import { writeSegment, type SegmentRow } from './segment';
import { writeEmbeddings } from './write-embeddings';

async function serve(job: EmbeddingJob): Promise<object> {
  if (job.mode === 'compute') return computeStretch(job);
  const { length } = await loadOnnxModel(job.model);
  return { length };
}

async function computeStretch(job: ComputeJob): Promise<ComputeResult> {
  // Downloads, commits and readers go first: embeddings can wait. A check is waited for.
  os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
  const { instance, connection } = await openDerivedConnection({
    database: job.database,
    derived: EMBEDDINGS_NAME,
    files: job.segments,
    task: 'Computing embeddings',
  });
  const damaged = await loadKnown(connection, job.segments);
  const files = await filesToEmbed(connection, job.after);
  const rows = files.length === 0 ? [] : await computeRows(job, files);
  if (rows.length > 0) await writeSegment(connection, rows);
  const isLast = rows.length === files.length;
  const written = isLast ? await writeEmbeddings(connection, job) : null;
  connection.closeSync();
  // Closing writes the log into the file.
  instance.closeSync();
  const done = {
    computed: rows.filter((row) => !('code' in row)).length,
    hasSegment: rows.length > 0,
    next: isLast ? null : (rows.at(-1)?.sha256 ?? null),
  };
  const left = files.length - rows.length;
  if (written === null) return { ...done, left, damaged, read: [], whole: null };
  const read = [...written.read];
  if (written.kind === 'damaged') {
    // Without the damaged segments, the next stretch finds their files at the beginning.
    const all = [...damaged, ...written.segments];
    return { ...done, left: written.files, damaged: all, read, whole: null };
  }
  const { isWritten, files: embedded, failed } = written;
  return { ...done, left, damaged, read, whole: { isWritten, files: embedded, failed } };
}

async function computeRows(job: ComputeJob, files: readonly FileToEmbed[]): Promise<SegmentRow[]> {
  const onnx = await loadOnnxModel(job.model);
  const pool = createPixelPool();
  try {
    return await embedFiles({ ...job, files, onnx, pool });
  } finally {
    await pool.close();
  }
}

serveProcess(embeddingJob, (job) =>
  serve(job).catch((error: unknown) => {
    throw asStepError(error, 'embeddings_failed');
  }),
);
