/** Title, maker and rights of a picture, as XMP and IPTC-IIM have them. */
import type { CreditMetadata } from '../../contract/features/feature';
import { withoutControls } from './clean-text';

/** Every value of each field, in the order of the file. */
export type CreditValues = Readonly<Record<keyof CreditMetadata, readonly string[]>>;

/** The longest text of one field, in characters. */
const MOST_CHARACTERS = 500;

/**
 * The fields of the first source that has them. Several creators are separated by `; `; of other
 * fields the first value counts.
 */
export function creditMetadata(sources: readonly CreditValues[]): CreditMetadata {
  const first = (field: keyof CreditMetadata): readonly string[] => {
    const cleaned = sources.map((source) => cleanValues(source[field]));
    return cleaned.find((values) => values.length > 0) ?? [];
  };
  const fields: readonly (readonly [keyof CreditMetadata, string | undefined])[] = [
    ['title', first('title')[0]],
    ['creator', first('creator').join('; ') || undefined],
    ['copyright', first('copyright')[0]],
    ['licence', first('licence')[0]],
  ];
  return Object.fromEntries(
    fields.flatMap(([field, text]) => (text === undefined ? [] : [[field, shortened(text)]])),
  );
}

function cleanValues(values: readonly string[]): readonly string[] {
  return values.map(withoutControls).filter((text) => text !== '');
}

/** Does not cut a character in two. */
function shortened(text: string): string {
  return Array.from(text.slice(0, 2 * MOST_CHARACTERS))
    .slice(0, MOST_CHARACTERS)
    .join('');
}
