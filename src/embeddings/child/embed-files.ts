/** Decodes files and executes the model on them, one after another, until the time box ends. */
import { underRoot } from '../../files/data-root';
import type { ComputeJob } from '../embedding-job';
import type { PixelPool, PixelResult } from '../pixel-pool';
import type { FileToEmbed } from './known-embeddings';
import { outputProblem, type OnnxModel } from './onnx-model';
import { createProjection } from './projection';
import type { SegmentRow } from './segment';

/** Files that are decoded while the model works on those before. */
const FILES_AHEAD = 16;

export interface EmbedFilesOptions extends Pick<
  ComputeJob,
  'dataRoot' | 'model' | 'pixels' | 'timeBoxSeconds'
> {
  readonly files: readonly FileToEmbed[];
  readonly onnx: OnnxModel;
  readonly pool: PixelPool;
}

/**
 * @returns a row for each file that was done: the first ones of `files`, at least
 *   {@link FILES_AHEAD}.
 */
export async function embedFiles(options: EmbedFilesOptions): Promise<SegmentRow[]> {
  const { files, onnx, timeBoxSeconds } = options;
  const endsAt = performance.now() + timeBoxSeconds * 1_000;
  const project = createProjection(onnx.length);
  const rows: SegmentRow[] = [];
  let ahead = decode(options, 0);
  while (rows.length < files.length && (rows.length === 0 || performance.now() < endsAt)) {
    const decoded = await ahead;
    ahead = decode(options, rows.length + decoded.length);
    for (const result of decoded) {
      const sha256 = files[rows.length]?.sha256 ?? '';
      if (!result.ok) {
        rows.push({ sha256, code: result.code, detail: result.detail });
        continue;
      }
      const embedding = await onnx.embed(Buffer.from(result.rgb, 'base64'));
      const problem = outputProblem(embedding, onnx.length);
      rows.push(
        problem === null
          ? { sha256, embedding, projected: project(embedding) }
          : { sha256, code: 'model_output', detail: `the model gave ${problem}` },
      );
    }
  }
  await ahead;
  return rows;
}

function decode(
  { dataRoot, model, pixels, files, pool }: EmbedFilesOptions,
  from: number,
): Promise<readonly PixelResult[]> {
  const { width, height, fit } = model.settings;
  return Promise.all(
    files.slice(from, from + FILES_AHEAD).map(({ sha256, paths }) =>
      pool.run({
        paths: paths.map((path) => underRoot(dataRoot, path)),
        sha256,
        pixels,
        width,
        height,
        fit,
      }),
    ),
  );
}
