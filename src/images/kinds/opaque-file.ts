/**
 * Files of kinds that are not decoded, and stored only where a run keeps them: nothing but where
 * they begin and end is known.
 */
import fs from 'node:fs';
import type { OpaqueKind } from '../../contract/run-input';
import { failedCheck, type ImageCheck } from '../image-check';
import { isoBoxesOf } from '../iso-boxes';

/** How many last bytes show the end of a file. */
const TAIL_BYTES = 1_024;

export interface OpaqueFile {
  readonly path: string;
  /** The size of the file. */
  readonly bytes: number;
  /** The whole file, if available; else it is on disk. */
  readonly content?: Buffer;
  /** False if nothing marked the end of the body. */
  readonly lengthKnown: boolean;
}

/**
 * A file whose length is known is stored unchecked; any other must show its own end. An SVG must
 * always, because pages may begin with one.
 */
export function checkOpaqueFile(kind: OpaqueKind, file: OpaqueFile): ImageCheck {
  if (kind === 'svg' && ENDS_AS_PAGE.test(tailOf(file)))
    return failedCheck('not_an_image', 'a page that begins with an SVG');
  if ((kind === 'svg' || !file.lengthKnown) && !showsEnd(kind, file))
    return failedCheck('truncated', `the end of the ${kind} file is not there`, {
      retryable: true,
    });
  const size = { width: null, height: null };
  return { ok: true, format: kind, extension: kind, ...size, verdict: 'unchecked', detail: null };
}

const ENDS_AS_PAGE = /<\/(html|body)\s*>\s*$/i;

/** Comments and white space may follow the end tag. */
const ENDS_AS_SVG =
  /(<\/([\w-]+:)?svg\s*>|<([\w-]+:)?svg\b[^<>]*\/>)(\s|<!--(?:(?!-->)[^])*-->)*$/i;

/** Kinds that show no end: ICO, PSD. A JPEG XL or JPEG 2000 does only in its container. */
function showsEnd(kind: OpaqueKind, file: OpaqueFile): boolean {
  switch (kind) {
    case 'svg':
      return ENDS_AS_SVG.test(tailOf(file));
    case 'pdf':
      return tailOf(file).includes('%%EOF');
    case 'heic':
    case 'jxl':
    case 'jp2':
      return isoBoxesOf(file.content ?? fs.readFileSync(file.path)) !== null;
    case 'bmp':
    case 'ico':
    case 'psd':
      return false;
  }
}

function tailOf({ path, bytes, content }: OpaqueFile): string {
  if (content !== undefined) return content.toString('utf8', Math.max(0, bytes - TAIL_BYTES));
  const tail = Buffer.alloc(Math.min(bytes, TAIL_BYTES));
  const descriptor = fs.openSync(path, 'r');
  try {
    fs.readSync(descriptor, tail, 0, tail.length, bytes - tail.length);
  } finally {
    fs.closeSync(descriptor);
  }
  return tail.toString('utf8');
}
