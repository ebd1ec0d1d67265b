/** The process that decodes files for a model: receives batches, and ends with its parent. */
import os from 'node:os';
import { readMatchingFile } from '../files/matching-file';
import { decodeFittedPixels } from '../images/decode-pixels';
import { serveLimitedProcess } from '../images/serve-limited-process';
import type { PixelRequest, PixelResult } from './pixel-pool';

os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
serveLimitedProcess('decodeBatch', decodeFile);

/** Never throws: a file that cannot be decoded is a result. */
async function decodeFile({ paths, sha256, ...size }: PixelRequest): Promise<PixelResult> {
  const bytes = readMatchingFile(paths, sha256);
  if (!Buffer.isBuffer(bytes)) return { ok: false, ...bytes };
  const decoded = await decodeFittedPixels(bytes, size);
  if (!decoded.ok) return decoded;
  return { ok: true, rgb: threeChannels(decoded.data, decoded.channels).toString('base64') };
}

/** A grey image has one channel where the decoder keeps it so. */
function threeChannels(data: Uint8Array, channels: number): Buffer {
  if (channels === 3) return Buffer.from(data);
  const count = data.length / channels;
  const rgb = Buffer.alloc(3 * count);
  for (let pixel = 0; pixel < count; pixel += 1)
    for (let channel = 0; channel < 3; channel += 1)
      rgb[3 * pixel + channel] = data[channels * pixel + (channels === 1 ? 0 : channel)] ?? 0;
  return rgb;
}
