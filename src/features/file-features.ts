/** Computes the features of one file. Only runs in the feature process. */
import type { FeatureResult } from '../contract/features/feature';
import { readMatchingFile } from '../files/matching-file';
import { decodePixels } from '../images/decode-pixels';
import { readMetadataBlocks } from '../images/metadata-blocks';
import { computeFeatures } from './compute-features';
import { pictureMetadata } from './metadata/picture-metadata';
import { onWhite } from './pixels';
import type { EncodeThumbHash } from './placeholder';

/**
 * The longer side of what features are computed of, in pixels: no more is needed, and it takes
 * longer.
 */
const SIDE = 512;

export interface FeatureRequest {
  /** Absolute paths where a file with these bytes was stored: the first that has them is used. */
  readonly paths: readonly string[];
  readonly sha256: string;
  /** The largest number of pixels that is accepted. */
  readonly pixels: number;
}

type Failed = Extract<FeatureResult, { readonly outcome: 'failed' }>;

/** Never throws: a file without features is a result. */
export async function fileFeatures(
  { paths, sha256, pixels }: FeatureRequest,
  encode: EncodeThumbHash,
): Promise<FeatureResult> {
  const bytes = readMatchingFile(paths, sha256);
  if (!Buffer.isBuffer(bytes)) return failed(bytes.code, bytes.detail);
  const decoded = await decodePixels(bytes, { side: SIDE, pixels });
  if (!decoded.ok) return failed(decoded.code, decoded.detail);
  const ofPixels = computeFeatures(onWhite(decoded.data, decoded), encode);
  const ofFile = pictureMetadata(await readMetadataBlocks(bytes, { pixels }));
  return { outcome: 'computed', values: { ...ofPixels, ...ofFile } };
}

function failed(code: Failed['code'], detail: string): Failed {
  return { outcome: 'failed', code, detail };
}
