/** Writes the whole `run` command that an inspection proposes. */
import type { Inspection } from '../../catalog/inspect/inspection';
import { formatByExtension } from '../../contract/catalog/catalog-format';
import { BASE_TO_FILL_IN } from '../../contract/catalog/url-template';
import { fileWord, shellWord } from '../../contract/commands/shell-word';

/** @returns null when no column holds URLs. */
export function runLine(
  {
    files,
    data,
    collection,
    member,
  }: {
    readonly files: readonly string[];
    readonly member?: string | undefined;
    readonly data?: string | undefined;
    readonly collection?: string | undefined;
  },
  { proposal, format }: Pick<Inspection, 'proposal' | 'format'>,
): string | null {
  if (proposal === null) return null;
  const { columns, encoding, delimiter, quote } = proposal;
  const input = {
    ...(encoding === undefined ? {} : { encoding }),
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(quote === undefined ? {} : { quote }),
  };
  const words: readonly (readonly [string, string | undefined])[] = [
    ['--data', data],
    ['--collection', collection],
    ['--member', member],
    [
      '--format',
      isShownByNames(member === undefined ? files : [member], format) ? undefined : format,
    ],
    ['--records', proposal.records],
    ['--id-column', columns.id === 'id' ? undefined : columns.id],
    ['--id-from', proposal.idFrom],
    ...columns.url.map(
      (name) => ['--url-column', isOnlyDefault(columns.url) ? undefined : name] as const,
    ),
    ['--url-separator', proposal.urlSeparator],
    ['--base-url', proposal.needsBase ? BASE_TO_FILL_IN : proposal.baseUrl],
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
  return ['artemis-pipeline run', ...files.map(fileWord), ...options, ...flags].join(' ');
}

function isOnlyDefault(urls: readonly string[]): boolean {
  return urls.length === 1 && urls[0] === 'url';
}

/**
 * True when a run recognises the format by the names of the files. It recognises that of a `.txt`
 * file by the first line.
 */
function isShownByNames(files: readonly string[], format: Inspection['format']): boolean {
  return files.every((name) => {
    const byName = formatByExtension(name);
    return byName === format || byName === 'txt';
  });
}
