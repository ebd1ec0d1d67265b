/** Sections I9 and I10: files of kinds that are not decoded, which the run keeps. */
import { OPAQUE_KINDS } from '../../src/contract/run-input';
import { rawThenClose, reply } from '../helpers/hosts/lying-server';
import {
  fails,
  failsForNow,
  stored,
  TWICE_DAMAGED,
  type Expected,
  type FaultCase,
} from './fault-case';
import { image, text, type Body } from './file-served-whole';

const opaque = (format: string): Expected => stored({ format, verdict: 'unchecked', detail: null });

/** A single run keeps them for all cases. */
const KEPT = OPAQUE_KINDS.filter((kind) => kind !== 'bmp');

const kept = (what: string, body: Body, expected: Expected): FaultCase => ({
  ...image('I9', `kept: ${what}`, body, expected),
  keep: KEPT,
});

/** Ends with its connection: nothing tells its length. */
const unsized = (what: string, body: Body, expected: Expected): FaultCase => ({
  ...kept(`${what}, without a length`, body, expected),
  serve: (images) => rawThenClose('HTTP/1.0 200 OK\r\n\r\n', body(images)),
});

const svg = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><g/></svg>';
const large = `<svg viewBox="0 0 9 9">${'<path d="M0 0"/>'.repeat(500)}</svg>`;
const heic = '\0\0\0\x18ftypheic\0\0\0\0heicmif1\0\0\0\x10mdat12345678';
const pdf = '%PDF-1.7\n1 0 obj\nendobj\nstartxref\n9\n%%EOF\n';

const whole: readonly FaultCase[] = [
  kept('an SVG', text(svg), opaque('svg')),
  kept(
    'an SVG with a prefix',
    text('<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:g/></s:svg>'),
    opaque('svg'),
  ),
  kept('a large SVG with a comment behind it', text(`${large}\n<!-- a -->\n`), opaque('svg')),
  kept('a HEIC', text(heic), opaque('heic')),
  kept('a JPEG XL', text('\xff\x0a\xfa\x1f\x01'), opaque('jxl')),
  kept('a PDF', text(pdf), opaque('pdf')),
  kept('a PSD', text('8BPS\0\x01\0\0\0\0\0\0'), opaque('psd')),
  kept('an ICO', text('\0\0\x01\0\x01\0\x10\x10\0\0'), opaque('ico')),
  kept('a JPEG, as ever', ({ jpeg }) => jpeg, stored({ format: 'jpeg', verdict: 'valid' })),
  {
    ...kept('an SVG by its type', text(svg), opaque('svg')),
    serve: () => reply('200 OK', { 'content-type': 'image/svg+xml' }, Buffer.from(svg)),
  },
  unsized('an SVG', text(svg), opaque('svg')),
  unsized('a HEIC', text(heic), opaque('heic')),
  unsized('a PDF', text(pdf), opaque('pdf')),
];

const refused: readonly FaultCase[] = [
  kept('a page with an SVG', text(`<html><body>${svg}</body></html>`), fails('not_an_image')),
  kept('a page without a head', text(`<div>${svg}</div>`), fails('not_an_image')),
  kept(
    'a page that begins with a large SVG',
    text(`${large}<p>Gone</body></html>`),
    fails('not_an_image', { detail: 'a page that begins with an SVG' }),
  ),
  kept('half an SVG', text(large.slice(0, 5_000)), TWICE_DAMAGED),
  unsized('half a HEIC', text(heic.slice(0, 30)), failsForNow('truncated')),
  unsized('half a PDF', text(pdf.slice(0, 20)), failsForNow('truncated')),
  unsized('a PSD', text('8BPS\0\x01\0\0\0\0\0\0'), failsForNow('truncated')),
  kept(
    'a BMP where it is not among the kinds that are kept',
    text(`BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0${'\0'.repeat(40)}`),
    fails('type_not_allowed', { detail: '--keep bmp' }),
  ),
];

export const keptCases: readonly FaultCase[] = [...whole, ...refused];
