/**
 * Walks a JPEG: checks every marker, every table and every Huffman symbol of every scan up to its
 * end.
 */
import { doubt, endedEarly, finishWalk, refuseWalk, unknownKind, type Walk } from '../walk-result';
import { checkTransform, readColours } from './check-colours';
import { createEntropyData } from './entropy-data';
import { findJpegEnd } from './find-jpeg-end';
import { readFrameHeader, type Frame } from './frame-header';
import { laterPictures } from './later-pictures';
import * as marker from './markers';
import {
  checkComplete,
  createProgress,
  isComplete,
  recordScan,
  type Progress,
} from './scan-progress';
import { readScanHeader } from './scan-header';
import {
  createJpegTables,
  readHuffmanTables,
  readQuantisationTables,
  readRestartInterval,
  type JpegTables,
} from './tables';
import { walkScan, type ScanContext } from './walk-scan';

/**
 * The same limit as that of libvips. It bounds the work by the number of blocks.
 *
 * @see libvips, jpeg2vips.c.
 */
const MAX_SCANS = 100;

/** The largest file in bytes, because bit offsets must fit into 31 bits. */
const MAX_FILE_BYTES = 200_000_000;

/**
 * Walks the first picture of a JPEG, and looks for the end of the others. `pixels` is the largest
 * number of pixels that is accepted.
 */
export function walkJpeg(bytes: Buffer, pixels: number): Walk {
  const first = walkFirst(bytes, pixels);
  if (first.state === 'refused' || first.state === 'unended') return first;
  return finishWalk(() => {
    const later = laterPictures(bytes);
    if (later === 'cut') refuseWalk('truncated', 'the JPEG ends inside a later picture');
    if (later === 'whole' || first.state !== 'good') return first;
    const { width, height } = first;
    const detail = 'the JPEG lists more pictures than the file has';
    return { state: 'unended', width, height, detail };
  });
}

function walkFirst(bytes: Buffer, pixels: number): Walk {
  return finishWalk(() => {
    if (bytes.length > MAX_FILE_BYTES) unknownKind('a very large JPEG');
    if (bytes[0] !== marker.MARKER || bytes[1] !== marker.SOI) doubt('no start of a JPEG (SOI)');
    return walkSegments(bytes, pixels);
  });
}

/** What the segments read so far have defined. */
interface WalkState {
  readonly tables: JpegTables;
  image: Image | null;
  scanCount: number;
  /** Adobe's colour transform; null without one. */
  transform: number | null;
  /** True when the data of all scans that began were read to their end. */
  areScansWhole: boolean;
}

interface Image {
  readonly frame: Frame;
  readonly progress: Progress;
  readonly context: ScanContext;
}

function walkSegments(bytes: Buffer, pixels: number): Walk {
  const tables = createJpegTables();
  const state: WalkState = {
    tables,
    image: null,
    scanCount: 0,
    transform: null,
    areScansWhole: true,
  };
  try {
    return walkToEnd(state, bytes, pixels);
  } catch (error) {
    const unended = isAtEnd(endedEarly(error), bytes) ? unendedImage(state) : null;
    if (unended === null) throw error;
    return unended;
  }
}

/** Whether a walk ended at the end of the file, or in bytes behind the image that have no EOI. */
function isAtEnd(walk: Walk | null, bytes: Buffer): boolean {
  if (walk?.state === 'refused') return walk.code === 'truncated';
  return walk?.state === 'doubtful' && findJpegEnd(bytes) === null;
}

function walkToEnd(state: WalkState, bytes: Buffer, pixels: number): Walk {
  let offset = 2;
  for (;;) {
    const markerOffset = marker.markerAt(bytes, offset);
    const kind = bytes.readUInt8(markerOffset);
    if (kind === marker.EOI) return finishImage(state, markerOffset + 1 < bytes.length);
    const segment = marker.segmentAt(bytes, markerOffset + 1);
    offset = markerOffset + 3 + segment.length;
    if (kind === marker.SOS) offset = walkScanSegment(state, segment, offset);
    else if (isFrame(kind))
      state.image = createImage(state, bytes, readFrame(state, kind, segment, pixels));
    else readSegment(state, kind, segment);
  }
}

/**
 * The result for a file that ends after the last scan of its image: many programs leave out EOI,
 * and decoders do not need it.
 */
function unendedImage({ image, areScansWhole, transform }: WalkState): Walk | null {
  if (image === null || !areScansWhole || !isComplete(image.progress)) return null;
  checkTransform(transform, image.frame.components.length);
  const { width, height } = image.frame;
  return { state: 'unended', width, height, detail: 'no EOI, every pixel is there' };
}

function readSegment(state: WalkState, kind: number, segment: Buffer): void {
  const { tables } = state;
  if (kind === marker.DQT) readQuantisationTables(tables, segment);
  else if (kind === marker.DHT) readHuffmanTables(tables, segment);
  else if (kind === marker.DRI) readRestartInterval(tables, segment);
  else if (kind >= marker.APP0 && kind <= marker.APP15)
    state.transform = readColours(kind, segment) ?? state.transform;
  else if (kind !== marker.COM) unknownKind(`a JPEG with the marker ${kind.toString(16)}`);
}

function isFrame(kind: number): boolean {
  return kind === marker.SOF0 || kind === marker.SOF1 || kind === marker.SOF2;
}

function readFrame(state: WalkState, kind: number, segment: Buffer, pixels: number): Frame {
  if (state.image !== null) doubt('a second frame');
  return readFrameHeader(kind, segment, pixels);
}

function createImage({ tables }: WalkState, bytes: Buffer, frame: Frame): Image {
  const blocks = frame.components.map(({ blocksWide, blocksHigh }) => blocksWide * blocksHigh);
  // Every block has at least one bit, so a small file cannot cause the memory of a large image to
  // be allocated.
  if (blocks.reduce((sum, count) => sum + count, 0) > 8 * bytes.length) {
    doubt('less data than its blocks need');
  }
  const nonZero = frame.isProgressive ? blocks.map((count) => new Uint32Array(2 * count)) : [];
  const progress = createProgress(frame);
  const isUnended = (): boolean => isComplete(progress) && findJpegEnd(bytes) === null;
  const entropy = createEntropyData(bytes);
  const context = { bytes, frame, tables, nonZero, entropy, isUnended };
  return { frame, progress, context };
}

/** @returns the offset after the scan. */
function walkScanSegment(state: WalkState, segment: Buffer, offset: number): number {
  if (state.image === null) return doubt('a scan before the frame');
  state.scanCount += 1;
  if (state.scanCount > MAX_SCANS) doubt(`more than ${MAX_SCANS} scans`);
  const scan = readScanHeader(segment, state.image.frame);
  recordScan(state.image.progress, scan);
  state.areScansWhole = false;
  const end = walkScan(state.image.context, scan, offset);
  state.areScansWhole = true;
  return end;
}

function finishImage({ image, transform }: WalkState, hasTrailingBytes: boolean): Walk {
  if (image === null) return doubt('a JPEG without an image');
  checkComplete(image.progress);
  checkTransform(transform, image.frame.components.length);
  const { width, height } = image.frame;
  return { state: 'good', width, height, hasTrailingBytes };
}
