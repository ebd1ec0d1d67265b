/** Computes the features of one file. Only runs in the feature process. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import type { FeatureResult } from '../contract/features/feature';
import { errorCode } from '../files/error-code';
import { decodePixels } from '../images/decode-pixels';
import { readExifBlock } from '../images/exif-block';
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
  const bytes = readMatching(paths, sha256);
  if (!Buffer.isBuffer(bytes)) return bytes;
  const decoded = await decodePixels(bytes, { side: SIDE, pixels });
  if (!decoded.ok) return failed(decoded.code, decoded.detail);
  const ofPixels = computeFeatures(onWhite(decoded.data, decoded), encode);
  const ofFile = pictureMetadata(await readExifBlock(bytes, { pixels }));
  return { outcome: 'computed', values: { ...ofPixels, ...ofFile } };
}

/**
 * The bytes of the first file that has this hash; otherwise why none has, the last reason that is
 * not absence.
 */
function readMatching(paths: readonly string[], sha256: string): Buffer | Failed {
  let reason = failed('missing', 'no file with these bytes is stored');
  for (const path of paths) {
    try {
      const bytes = fs.readFileSync(path);
      if (createHash('sha256').update(bytes).digest('hex') === sha256) return bytes;
      reason = failed('changed', 'the file has other bytes than were stored');
    } catch (error) {
      const code = errorCode(error) ?? 'unknown error';
      if (code !== 'ENOENT') reason = failed('unreadable', `the file cannot be read (${code})`);
    }
  }
  return reason;
}

function failed(code: Failed['code'], detail: string): Failed {
  return { outcome: 'failed', code, detail };
}
