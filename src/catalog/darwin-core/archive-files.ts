/** The files of a Darwin Core archive: in a zip, or unpacked into a folder. */
import path from 'node:path';
import type { ParseJob } from '../../processes/process-messages';
import type { CatalogFile } from '../catalog-files';
import { METAFILE } from '../../contract/catalog/catalog-format';
import { readBytes } from '../text/catalog-bytes';
import { packingOf } from '../text/packed-bytes';
import type { PackedFile } from '../text/packed-file';
import { unusableCatalog } from '../text/unusable-catalog';
import { zippedNames } from '../text/zipped-file';

/** Metafiles that we know have 20 to 60 kB. */
const LARGEST_METAFILE = 4 << 20;

export interface ArchiveFiles {
  readonly metafile: PackedFile;
  /** The file at a path beside the metafile. */
  readonly fileAt: (location: string) => PackedFile;
}

/** Whether the file is a zip archive with a metafile; false for every other file. */
export async function isDarwinCore(file: string, name: string): Promise<boolean> {
  return (await metafileIn(file, name)) !== undefined;
}

/**
 * The files of a job that are read one after another: of an unpacked archive only the metafile,
 * which names the others.
 */
export function filesToRead({ format, files }: ParseJob): readonly CatalogFile[] {
  const metafile = format === 'dwca' ? files.find(({ name }) => name === METAFILE) : undefined;
  return metafile === undefined ? files : [metafile];
}

/** @throws StepError `catalog_format` when the file is no archive. */
export async function openArchive(job: ParseJob, file: string): Promise<ArchiveFiles> {
  const { name } = job;
  if (path.basename(file) === METAFILE && (await packingOf(file)) === null)
    return {
      metafile: { file, name },
      fileAt: (location) => {
        const found = job.files.find((one) => one.name === path.posix.normalize(location));
        if (found !== undefined) return { file: found.file, name };
        throw unusableCatalog(
          name,
          `lacks ${JSON.stringify(location)}, which its ${METAFILE} names`,
        );
      },
    };
  const metafile = await metafileIn(file, name);
  if (metafile === undefined)
    throw unusableCatalog(name, `has no ${METAFILE}: it is no zip archive of Darwin Core`);
  const folder = path.posix.dirname(metafile);
  const fileAt = (location: string): PackedFile => ({
    file,
    name,
    member: path.posix.join(folder, location),
  });
  return { metafile: { file, name, member: metafile }, fileAt };
}

/** @throws StepError `catalog_format` when it is too large. */
export async function readMetafile({ metafile }: ArchiveFiles): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of readBytes(metafile)) {
    length += chunk.length;
    if (length > LARGEST_METAFILE)
      throw unusableCatalog(
        metafile.name,
        `has a ${METAFILE} of more than ${LARGEST_METAFILE} bytes`,
      );
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** The path of the metafile in the archive; undefined where there is none, or no archive. */
async function metafileIn(file: string, name: string): Promise<string | undefined> {
  if ((await packingOf(file)) !== 'zip') return undefined;
  const names = await zippedNames(file, name);
  return names.find((one) => path.posix.basename(one) === METAFILE && one.split('/').length <= 2);
}
