/** The whole `run` line that an inspection proposes. */
import type { Inspection } from '../../catalog/inspect/inspection';
import { formatByExtension } from '../../contract/catalog/catalog-format';
import { shellWord } from '../../contract/commands/shell-word';

/** What the user puts in the place of. */
const BASE = 'https://HOST/PATH/';

/** @returns null when no column holds URLs. */
export function runLine(
  {
    files,
    data,
    collection,
  }: {
    readonly files: readonly string[];
    readonly data?: string | undefined;
    readonly collection?: string | undefined;
  },
  { proposal, format }: Pick<Inspection, 'proposal' | 'format'>,
): string | null {
  if (proposal === null) return null;
  const { columns, encoding, delimiter } = proposal;
  const input = {
    ...(encoding === undefined ? {} : { encoding }),
    ...(delimiter === undefined ? {} : { delimiter }),
  };
  const words: readonly (readonly [string, string | undefined])[] = [
    ['--data', data],
    ['--collection', collection],
    ['--format', isToldByNames(files, format) ? undefined : format],
    ['--records', proposal.records],
    ['--id-column', columns.id === 'id' ? undefined : columns.id],
    ['--id-from', proposal.idFrom],
    ...columns.url.map(
      (name) => ['--url-column', isOnlyDefault(columns.url) ? undefined : name] as const,
    ),
    ['--url-separator', proposal.urlSeparator],
    ['--base-url', proposal.needsBase ? BASE : undefined],
    ['--input', Object.keys(input).length === 0 ? undefined : JSON.stringify(input)],
  ];
  const flags = [
    ...(proposal.header === false ? ['--no-header'] : []),
    ...(proposal.many === true ? ['--many'] : []),
    ...(proposal.integerIds === true ? ['--integer-ids'] : []),
  ];
  const options = words.flatMap(([option, value]) =>
    value === undefined ? [] : [`${option} ${shellWord(value)}`],
  );
  return ['artemis-pipeline run', ...files.map(shellWord), ...options, ...flags].join(' ');
}

function isOnlyDefault(urls: readonly string[]): boolean {
  return urls.length === 1 && urls[0] === 'url';
}

/** A run finds the format of a `.txt` file by its first line, so the command need not name it. */
function isToldByNames(files: readonly string[], format: Inspection['format']): boolean {
  return files.every((name) => {
    const told = formatByExtension(name);
    return told === format || told === 'txt';
  });
}
