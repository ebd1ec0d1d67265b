/** Walks a JPEG: every marker, every table, every Huffman symbol of every scan, up to its end. */
import { doubt, finishWalk, unknownKind, type Walk } from '../walk';
import { checkColours } from './colours';
import { createEntropyData } from './entropy-data';
import { readFrameHeader, type Frame } from './frame-header';
import * as marker from './markers';
import { checkComplete, createProgress, noteScan, type Progress } from './progress';
import { readScanHeader } from './scan-header';
import {
  createJpegTables,
  readHuffmanTables,
  readQuantisationTables,
  readRestartInterval,
  type JpegTables,
} from './tables';
import { walkScan, type ScanGround } from './walk-scan';

/** As many as libvips takes: with them the work is bounded by the image's blocks. **Source** libvips, jpeg2vips.c. */
const MOST_SCANS = 100;

/** Positions in bits have to fit 31 bits. **Units** bytes. */
const LARGEST_FILE = 200_000_000;

/** **Units** `pixels` the most that are allowed. */
export function walkJpeg(bytes: Buffer, pixels: number): Walk {
  return finishWalk(() => {
    if (bytes.length > LARGEST_FILE) unknownKind('a very large JPEG');
    if (bytes[0] !== marker.MARKER || bytes[1] !== marker.SOI) doubt('no start of a JPEG (SOI)');
    return walkSegments(bytes, pixels);
  });
}

/** What the segments so far have told. */
interface Told {
  readonly tables: JpegTables;
  image: Image | null;
  scanCount: number;
}

interface Image {
  readonly frame: Frame;
  readonly progress: Progress;
  readonly ground: ScanGround;
}

function walkSegments(bytes: Buffer, pixels: number): Walk {
  const told: Told = { tables: createJpegTables(), image: null, scanCount: 0 };
  let at = 2;
  for (;;) {
    const place = marker.markerAt(bytes, at);
    const kind = bytes.readUInt8(place);
    if (kind === marker.EOI) return endOf(told, place + 1 < bytes.length);
    const segment = marker.segmentAt(bytes, place + 1);
    at = place + 3 + segment.length;
    if (kind === marker.SOS) at = scanAt(told, segment, at);
    else if (isFrame(kind))
      told.image = imageOf(told, bytes, readFrame(told, kind, segment, pixels));
    else readSegment(told.tables, kind, segment);
  }
}

function readSegment(tables: JpegTables, kind: number, segment: Buffer): void {
  if (kind === marker.DQT) readQuantisationTables(tables, segment);
  else if (kind === marker.DHT) readHuffmanTables(tables, segment);
  else if (kind === marker.DRI) readRestartInterval(tables, segment);
  else if (kind >= marker.APP0 && kind <= marker.APP15) checkColours(kind, segment);
  else if (kind !== marker.COM) unknownKind(`a JPEG with the marker ${kind.toString(16)}`);
}

function isFrame(kind: number): boolean {
  return kind === marker.SOF0 || kind === marker.SOF1 || kind === marker.SOF2;
}

function readFrame(told: Told, kind: number, segment: Buffer, pixels: number): Frame {
  if (told.image !== null) doubt('a second frame');
  return readFrameHeader(kind, segment, pixels);
}

function imageOf({ tables }: Told, bytes: Buffer, frame: Frame): Image {
  const blocks = frame.components.map(({ blocksWide, blocksHigh }) => blocksWide * blocksHigh);
  // Every block has at least one bit: a small file cannot make us take the memory of a large image.
  if (blocks.reduce((sum, count) => sum + count, 0) > 8 * bytes.length) {
    doubt('less data than its blocks need');
  }
  const nonZero = frame.isProgressive ? blocks.map((count) => new Uint32Array(2 * count)) : [];
  const ground = { bytes, frame, tables, nonZero, entropy: createEntropyData(bytes) };
  return { frame, progress: createProgress(frame), ground };
}

/** The offset behind the scan. */
function scanAt(told: Told, segment: Buffer, at: number): number {
  if (told.image === null) return doubt('a scan before the frame');
  told.scanCount += 1;
  if (told.scanCount > MOST_SCANS) doubt(`more than ${MOST_SCANS} scans`);
  const scan = readScanHeader(segment, told.image.frame);
  noteScan(told.image.progress, scan);
  return walkScan(told.image.ground, scan, at);
}

function endOf({ image }: Told, hasTrailingBytes: boolean): Walk {
  if (image === null) return doubt('a JPEG without an image');
  checkComplete(image.progress);
  const { width, height } = image.frame;
  return { state: 'good', width, height, hasTrailingBytes };
}
