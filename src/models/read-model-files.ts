/** Reads the models and checks of the package and of the user, with the words of their headers. */
import fs from 'node:fs';
import path from 'node:path';
import { dataRootPaths } from '../files/data-root';
import { onDisk } from '../files/disk-errors';
import { builtFile } from '../files/process/built-file';
import type { ModelFile } from './model-job';
import { MODEL_NAME, OWN_RELATIONS } from './own-relations';

const PACKAGE_FOLDER = builtFile('models/package');

/** In messages the package's files have this in place of a folder. */
const PACKAGE_LABEL = 'package';

const ENDING = '.sql';

/** The largest file that is read, in bytes. */
const MAX_BYTES = 1_000_000;

/**
 * Reads `models/*.sql` and `models/checks/*.sql` of the data root. A file of the user takes the
 * place of the package's file of the same name. Files are ordered by kind and name.
 *
 * A file that cannot be used is returned with its mistake, so that one bad file stops no other.
 *
 * @throws StepError disk_* when a folder cannot be read.
 */
export function readModelFiles(dataRoot: string): readonly ModelFile[] {
  const own = dataRootPaths(dataRoot).models;
  const files = (['model', 'check'] as const).flatMap((kind) => {
    const below = kind === 'check' ? ['checks'] : [];
    const byName = new Map<string, ModelFile>();
    for (const [folder, label] of [
      [path.join(PACKAGE_FOLDER, ...below), path.posix.join(PACKAGE_LABEL, ...below)],
      [path.join(own, ...below), path.posix.join('models', ...below)],
    ] as const)
      for (const file of readFolder(folder, label, kind)) byName.set(file.name, file);
    return [...byName.values()];
  });
  return files.sort((a, b) => compareTexts(b.kind, a.kind) || compareTexts(a.name, b.name));
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function readFolder(folder: string, label: string, kind: ModelFile['kind']): readonly ModelFile[] {
  if (!fs.existsSync(folder)) return [];
  return onDisk(`read ${folder}`, () => fs.readdirSync(folder))
    .filter((name) => name.toLowerCase().endsWith(ENDING) && !name.startsWith('.'))
    .map((name) =>
      withHeader({
        kind,
        // With another ending it is no name of a model, so it hides no file.
        name: name.endsWith(ENDING) ? name.slice(0, -ENDING.length) : name,
        file: path.posix.join(label, name),
        ...readText(path.join(folder, name)),
      }),
    );
}

/** The text of a file, or why it cannot be used. */
type FileText = Pick<ModelFile, 'text' | 'mistake'>;

function readText(file: string): FileText {
  const unusable = (mistake: string): FileText => ({ text: '', mistake });
  try {
    const stat = fs.statSync(file);
    if (!stat.isFile()) return unusable('This is no file.');
    if (stat.size > MAX_BYTES) return unusable(`It has more than ${MAX_BYTES} bytes.`);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(fs.readFileSync(file));
    return { text, mistake: null };
  } catch (error) {
    return unusable(`It cannot be read as UTF-8 text: ${(error as Error).message}`);
  }
}

/** A comment of the header that begins with a known word: the word, its colon, and the text. */
const HEADER_WORD = /^--\s*(needs|warn|doc)\b(:?)\s*(.*)$/;

function withHeader(read: Pick<ModelFile, 'kind' | 'name' | 'file'> & FileText): ModelFile {
  const { kind, name, file, text } = read;
  const needs: string[] = [];
  const docs: string[] = [];
  let declaresNeeds = false;
  let isWarning = false;
  let mistake = read.mistake === null ? null : `${file}:1:1: ${read.mistake}`;
  for (const [index, line] of headerLines(text).entries()) {
    const [, word = '', colon = '', value = ''] = HEADER_WORD.exec(line.trim()) ?? [];
    if (word === '') continue;
    const problem = headerProblem({ kind, word, colon, value: value.trim() });
    if (problem !== null) mistake ??= `${file}:${index + 1}:1: ${problem}`;
    declaresNeeds ||= word === 'needs';
    if (word === 'needs') needs.push(...namesIn(value));
    if (word === 'doc') docs.push(value.trim());
    if (word === 'warn') isWarning = true;
  }
  const nameProblem = problemOfName(kind, name);
  if (nameProblem !== null) mistake ??= `${file}:1:1: ${nameProblem}`;
  const doc = docs.length === 0 ? null : docs.join(' ');
  return { kind, name, file, text, needs, declaresNeeds, isWarning, doc, mistake };
}

/** The comments and empty lines before the query. */
function headerLines(text: string): readonly string[] {
  const lines = text.split('\n');
  const end = lines.findIndex((line) => line.trim() !== '' && !line.trim().startsWith('--'));
  return end < 0 ? lines : lines.slice(0, end);
}

function namesIn(value: string): readonly string[] {
  return value
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
}

function headerProblem(header: {
  readonly kind: ModelFile['kind'];
  readonly word: string;
  readonly colon: string;
  readonly value: string;
}): string | null {
  const { kind, word, colon, value } = header;
  if (word === 'warn') {
    if (kind === 'model') return '`-- warn` belongs to checks: a model has no bad rows.';
    return value === '' ? null : '`-- warn` stands alone in its line.';
  }
  if (colon === '') return `Write \`-- ${word}:\`, with a colon.`;
  const bad = word === 'needs' ? namesIn(value).find((name) => !MODEL_NAME.test(name)) : undefined;
  return bad === undefined ? null : `${JSON.stringify(bad)} is no name of a model.`;
}

function problemOfName(kind: ModelFile['kind'], name: string): string | null {
  if (!name.endsWith(ENDING) && name.toLowerCase().endsWith(ENDING))
    return `The file of a ${kind} ends with ${ENDING} in lower case. Rename the file.`;
  if (!MODEL_NAME.test(name))
    return `A ${kind} is named with lower-case letters, digits and _, beginning with a letter. Rename the file.`;
  if (kind === 'model' && OWN_RELATIONS.has(name))
    return `${name} is a table or view of the snapshot itself. Rename the file.`;
  return null;
}
