/** The one file of a zip archive that is the catalog. */
import zlib from 'node:zlib';
import type { Readable } from 'node:stream';
import yauzl from 'yauzl';
import { StepError } from '../../contract/errors';
import { shellWord } from '../../contract/commands/shell-word';
import { mayBeLeftOut } from '../../files/visible-names';
import type { PackedFile } from './packed-file';
import { unusableCatalog } from './unusable-catalog';
import { formatByExtension } from '../../contract/catalog/catalog-format';

/** More files are no catalog. */
const MOST_FILES = 10_000;
const NAMES_SHOWN = 10;

/**
 * Yields the bytes of the catalog in the archive. That is the member that is named, or the only
 * file whose extension stands for a format (a `.txt` file only if there is no other), or else the
 * only file. Hidden files are left out.
 *
 * @throws StepError `catalog_format` when there is no such file, or the archive is a spreadsheet;
 *   errors of the archive.
 */
export async function* readZippedFile({ file, name, member }: PackedFile): AsyncGenerator<Buffer> {
  const archive = await openArchive(file);
  try {
    const entries = await entriesOf(archive, name);
    const entry =
      member === undefined ? chooseEntry(entries, name) : namedEntry(entries, name, member);
    refuseUnreadable(entry, name);
    let crc = 0;
    for await (const chunk of await openEntry(archive, entry)) {
      crc = zlib.crc32(chunk as Buffer, crc);
      yield chunk as Buffer;
    }
    if (crc !== entry.crc32) throw new Error('the checksum differs');
  } finally {
    archive.close();
  }
}

/**
 * The names of the files in an archive, without hidden ones.
 *
 * @throws StepError `catalog_format` when there are too many, or the archive is damaged.
 */
export async function zippedNames(file: string, name: string): Promise<readonly string[]> {
  try {
    const archive = await openArchive(file);
    try {
      return (await entriesOf(archive, name)).map(({ fileName }) => fileName);
    } finally {
      archive.close();
    }
  } catch (error) {
    if (error instanceof StepError) throw error;
    throw unusableCatalog(name, 'is zip that is damaged or cut short: fetch the file again');
  }
}

function openArchive(file: string): Promise<yauzl.ZipFile> {
  return new Promise((resolve, reject) => {
    yauzl.open(file, { lazyEntries: true, autoClose: false }, (error, archive) => {
      if (error === null) resolve(archive);
      else reject(error);
    });
  });
}

function entriesOf(archive: yauzl.ZipFile, name: string): Promise<readonly yauzl.Entry[]> {
  if (archive.entryCount > MOST_FILES)
    throw unusableCatalog(name, `holds a zip archive of ${archive.entryCount} files: unpack it`);
  return new Promise((resolve, reject) => {
    const entries: yauzl.Entry[] = [];
    archive.on('entry', (entry: yauzl.Entry) => {
      if (!isHidden(entry.fileName)) entries.push(entry);
      archive.readEntry();
    });
    archive.once('end', () => {
      resolve(entries);
    });
    archive.once('error', reject);
    archive.readEntry();
  });
}

function openEntry(archive: yauzl.ZipFile, entry: yauzl.Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    archive.openReadStream(entry, (error, stream) => {
      if (error === null) resolve(stream);
      else reject(error);
    });
  });
}

/** Stored, and deflated: what Node.js unpacks. */
const METHODS: ReadonlySet<number> = new Set([0, 8]);

/** @throws StepError `catalog_format` when the file is packed or encrypted in another way. */
function refuseUnreadable(entry: yauzl.Entry, name: string): void {
  if (entry.isEncrypted())
    throw unusableCatalog(name, 'is a zip archive with a password: unpack it, and name the file');
  if (!METHODS.has(entry.compressionMethod))
    throw unusableCatalog(
      name,
      `is a zip archive whose files are packed by method ${entry.compressionMethod}, which is not read: unpack it, and name the file`,
    );
}

/** Folders, and what macOS and others put beside the files. */
function isHidden(entryName: string): boolean {
  if (entryName.endsWith('/')) return true;
  return entryName.split('/').some((part) => part.startsWith('.') || part === '__MACOSX');
}

/** Members of the files of Excel and of OpenDocument. */
const SPREADSHEET_MEMBERS = ['xl/workbook.xml', 'xl/workbook.bin', 'content.xml'];

/** Members of documents: Word, PowerPoint, and books. */
const DOCUMENT_MEMBERS = ['word/document.xml', 'ppt/presentation.xml', 'META-INF/container.xml'];

const IMAGE = /\.(?:jpe?g|png|gif|webp|tiff?|bmp|avif|jp2|heic)$/i;

function chooseEntry(entries: readonly yauzl.Entry[], name: string): yauzl.Entry {
  const names = new Set(entries.map(({ fileName }) => fileName));
  const isOfNumbers = entries.some(({ fileName }) => fileName.endsWith('.iwa'));
  if (isOfNumbers || SPREADSHEET_MEMBERS.some((member) => names.has(member)))
    throw unusableCatalog(name, SPREADSHEET);
  if (DOCUMENT_MEMBERS.some((member) => names.has(member)))
    throw unusableCatalog(name, 'is a document (docx, pptx, epub): save its table as CSV');
  if (entries.some(({ fileName }) => fileName.endsWith('.shp')))
    throw unusableCatalog(
      name,
      'holds a shapefile: ogr2ogr -f CSV works.csv /vsizip/FILE writes its table as CSV',
    );
  if (entries.length > 0 && entries.every(({ fileName }) => fileName.endsWith('.npy')))
    throw unusableCatalog(name, 'holds arrays of NumPy: save them as CSV or Parquet');
  if (entries.length > 0 && entries.every(({ fileName }) => IMAGE.test(fileName)))
    throw unusableCatalog(name, 'holds images themselves, which need no download');
  const main = entries.filter(({ fileName }) => !mayBeLeftOut(fileName));
  const telling = main.filter(({ fileName }) => formatByExtension(fileName) !== null);
  const notText = telling.filter(({ fileName }) => formatByExtension(fileName) !== 'txt');
  for (const candidates of [notText, telling, main, entries]) {
    const [only, another] = candidates;
    if (only !== undefined && another === undefined) return only;
    if (only !== undefined) break;
  }
  if (entries.length === 0) throw unusableCatalog(name, 'is a zip archive without files');
  const options = (telling.length > 0 ? telling : entries)
    .slice(0, NAMES_SHOWN)
    .map(({ fileName }) => `--member ${shellWord(fileName)}`);
  throw unusableCatalog(
    name,
    `is a zip archive of ${entries.length} files (${namesOf(entries)}), of which no single one is the catalog. \`member\` takes one: ${options.join(' or ')}. Are they one catalog in parts? Unpack it, and name the folder`,
  );
}

/** @throws StepError `catalog_format` when the archive has no such file. */
function namedEntry(entries: readonly yauzl.Entry[], name: string, member: string): yauzl.Entry {
  const found = entries.find(({ fileName }) => fileName === member);
  if (found !== undefined) return found;
  throw unusableCatalog(
    name,
    `is a zip archive without ${JSON.stringify(member)} (\`member\`, --member). It has ${namesOf(entries)}`,
  );
}

function namesOf(entries: readonly yauzl.Entry[]): string {
  const shown = entries.slice(0, NAMES_SHOWN).map(({ fileName }) => fileName);
  return shown.join(', ') + (entries.length > NAMES_SHOWN ? ', …' : '');
}

export const SPREADSHEET =
  'is a spreadsheet (xlsx, xls, ods), which is not read: save its sheet as "CSV UTF-8", and name that file';
