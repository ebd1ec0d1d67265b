/** What a file says of its picture: when it was taken, with what, by whom, and its rights. */
import type { CameraMetadata, MetadataValues } from '../../contract/features/feature';
import type { MetadataBlocks } from '../../images/metadata-blocks';
import { creditMetadata } from './credit';
import { rounded } from '../rounded';
import { readExif, type ExifTags } from './read-exif';
import { readIptc } from './read-iptc';
import { readXmp } from './read-xmp';

/** Numbers of tags, by the names of Exif 2.32. */
const TAG = {
  make: 0x010f,
  model: 0x0110,
  orientation: 0x0112,
  software: 0x0131,
  exposureTime: 0x829a,
  fNumber: 0x829d,
  sensitivity: 0x8827,
  dateTimeOriginal: 0x9003,
  dateTimeDigitized: 0x9004,
  offsetTimeOriginal: 0x9011,
  focalLength: 0x920a,
  lensModel: 0xa434,
} as const;

/**
 * XMP wins over IPTC, as the Metadata Working Group recommends: programs that write only one write
 * XMP.
 *
 * @returns nulls for what the file does not say. Equal bytes give equal metadata.
 */
export function pictureMetadata({ exif, xmp, iptc }: MetadataBlocks): MetadataValues {
  const tags = exif === null ? new Map<number, never>() : readExif(exif);
  const credit = creditMetadata([
    ...(xmp === null ? [] : [readXmp(xmp)]),
    ...(iptc === null ? [] : [readIptc(iptc)]),
  ]);
  const metadata = { ...cameraMetadata(tags), ...credit };
  return {
    takenAt: takenAt(tags),
    metadata: Object.keys(metadata).length === 0 ? null : metadata,
  };
}

/**
 * The clock of the camera when the picture was taken, or else when it was digitized. The time of
 * the last change (DateTime) says neither: programs that edit or convert pictures write it.
 */
function takenAt(tags: ExifTags): string | null {
  return asTime(tags.get(TAG.dateTimeOriginal)) ?? asTime(tags.get(TAG.dateTimeDigitized));
}

/** `2021:05:01 12:30:59`; some programs write other separators. */
const TIME = /^(\d{4})[:\-/. ](\d\d)[:\-/. ](\d\d)[T ](\d\d):(\d\d):(\d\d)/;

/** @returns `2021-05-01T12:30:59`; null for what is no time, such as zeros. */
function asTime(value: unknown): string | null {
  const [, ...parts] = typeof value === 'string' ? (TIME.exec(value) ?? []) : [];
  const [year = '', month = '', day = '', hour = '', minute = '', second = ''] = parts;
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const time = new Date(`${text}Z`);
  if (Number.isNaN(time.getTime()) || Number(year) < 1) return null;
  // The 30th of February is another day for `Date`.
  return time.toISOString().startsWith(text) ? text : null;
}

function cameraMetadata(tags: ExifTags): CameraMetadata {
  const text = (tag: number): string | undefined => {
    const value = tags.get(tag);
    return typeof value === 'string' ? value : undefined;
  };
  const positive = (tag: number, digits: number): number | undefined => {
    const value = tags.get(tag);
    return typeof value === 'number' && value > 0 ? rounded(value, digits) : undefined;
  };
  const orientation = positive(TAG.orientation, 0);
  return withoutUndefined({
    orientation: orientation !== undefined && orientation <= 8 ? orientation : undefined,
    make: text(TAG.make),
    model: text(TAG.model),
    lens: text(TAG.lensModel),
    software: text(TAG.software),
    takenAtOffset: /^[+-]\d\d:\d\d$/.exec(text(TAG.offsetTimeOriginal) ?? '')?.[0],
    exposureSeconds: positive(TAG.exposureTime, 6),
    fNumber: positive(TAG.fNumber, 2),
    iso: positive(TAG.sensitivity, 0),
    focalLength: positive(TAG.focalLength, 2),
  });
}

function withoutUndefined(fields: {
  readonly [Name in keyof CameraMetadata]: CameraMetadata[Name] | undefined;
}): CameraMetadata {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
