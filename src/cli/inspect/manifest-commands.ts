/**
 * The way on from a IIIF collection, whose manifests are files elsewhere: nothing of the pipeline
 * fetches a catalog, so the user does it with curl, and names the folder.
 */
import path from 'node:path';
import { artemisCommand } from '../../contract/commands/printed-command';
import { fileWord } from '../../contract/commands/shell-word';

/** The folder, below the current one, that the manifests of a collection are put into. */
function folderFor(files: readonly string[]): string {
  const stem = path.basename(path.resolve(files[0] ?? '')).split('.')[0] ?? '';
  return `${stem === '' ? 'collection' : stem}-manifests`;
}

/** The command that fetches the manifests, and looks at them. */
export function fetchManifestsLine(files: readonly string[]): string {
  const names = files.map(fileWord).join(' ');
  const list = artemisCommand(`inspect ${names} --format iiif --manifests`, null);
  const look = artemisCommand(`inspect ${fileWord(folderFor(files))} --format iiif`, null);
  return `${list} | curl --fail --location --proto =http,https --create-dirs --config - && ${look}`;
}

/**
 * The manifests as a configuration of curl. Only http and https URLs are listed: the collection is
 * as untrusted as any catalog.
 */
export function curlConfig(files: readonly string[], urls: readonly string[]): string {
  const folder = folderFor(files);
  const lines = urls.flatMap((url, index) => {
    const written = httpUrl(url);
    const name = `${folder}/${String(index + 1).padStart(6, '0')}.json`;
    return written === null ? [] : [`url = "${written}"\noutput = ${JSON.stringify(name)}\n`];
  });
  return lines.join('');
}

/**
 * Returns the URL without quotes, backslashes and white space, so that it is one word of the
 * configuration; null if it is no HTTP URL.
 */
function httpUrl(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, href } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') return null;
  return href.replaceAll(/["\\\s]/g, (character) => encodeURIComponent(character));
}
