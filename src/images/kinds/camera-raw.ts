/**
 * Recognises the raw images of cameras that are TIFFs. Their first directory is often a small
 * preview, so that the decoder would say nothing about the picture.
 */
import { readDirectory, readFirstDirectory, TIFF_TAG } from '../tiff/read-directories';
import type { TiffDirectory } from '../tiff/read-directories';

/** Photometric interpretations of the values of a sensor: CFA and LinearRaw. */
const OF_A_SENSOR: readonly number[] = [32_803, 34_892];

/** The names of the formats by the camera's make. Others are TIFF/EP. */
const NAMES: readonly (readonly [make: RegExp, name: string])[] = [
  [/^NIKON/i, 'NEF'],
  [/^SONY/i, 'ARW'],
  [/^(PENTAX|RICOH)/i, 'PEF'],
  [/^SAMSUNG/i, 'SRW'],
];

/** The largest number of further directories that are looked at. */
const MOST_DIRECTORIES = 16;

/**
 * The name of the kind, such as `a raw image of a camera (NEF)`; null for any other TIFF.
 *
 * @see TIFF/EP (ISO 12234-2); Adobe DNG 1.7, chapter 4. Canon's CR2 has its own mark in bytes 8 and
 *   9.
 */
export function cameraRawKind(bytes: Buffer): string | null {
  if (bytes.length > 10 && bytes.toString('latin1', 8, 10) === 'CR') return named('CR2');
  const first = readFirstDirectory(bytes);
  if (typeof first === 'string') return null;
  if (first.numbers(TIFF_TAG.dngVersion).length > 0) return named('DNG');
  const others = first
    .numbers(TIFF_TAG.subDirectories)
    .slice(0, MOST_DIRECTORIES)
    .map((offset) => readDirectory(bytes, offset));
  if (![first, ...others].some(isOfSensor)) return null;
  const make = first.text(TIFF_TAG.make);
  return named(NAMES.find(([pattern]) => pattern.test(make))?.[1] ?? 'TIFF/EP');
}

function isOfSensor(directory: TiffDirectory | string): boolean {
  if (typeof directory === 'string') return false;
  return OF_A_SENSOR.includes(directory.numbers(TIFF_TAG.photometric)[0] ?? 0);
}

function named(format: string): string {
  return `a raw image of a camera (${format})`;
}
