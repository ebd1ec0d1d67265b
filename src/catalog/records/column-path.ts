/**
 * A column, or a value inside the JSON text of a column: `image.thumbnail`, `images[].url`,
 * `media[0].content`. The catalog decides which: a column of exactly that name comes first.
 */
import { jsonElements, jsonField, jsonMember, type JsonField } from '../json/json-value';
import { jsonOfCell } from '../json/python-literal';

type Step = { readonly member: string } | { readonly element: number } | 'elements';

/** One reading of the path: the steps lead into the value of the column. */
interface PathReading {
  readonly column: string;
  readonly steps: readonly Step[];
}

/** As the input names it. */
export class ColumnPath {
  readonly text: string;
  /** The longest column name first. */
  readonly #readings: readonly PathReading[];

  constructor(text: string) {
    this.text = text;
    this.#readings = readingsOf(text);
  }

  /** The first reading whose column exists, with the column's index; null when there is none. */
  find(indexOf: (column: string) => number | undefined): FoundPath | null {
    for (const { column, steps } of this.#readings) {
      const index = indexOf(column);
      if (index !== undefined) return { index, steps };
    }
    return null;
  }
}

export interface FoundPath {
  readonly index: number;
  readonly steps: readonly Step[];
}

/**
 * The values that the steps lead to; null when `text` is neither JSON nor Python's. A value that is
 * absent is left out.
 */
export function selectValues(text: string, steps: readonly Step[]): readonly JsonField[] | null {
  const json = jsonOfCell(text);
  if (json === null) return null;
  let pieces: readonly string[] = [json];
  for (const step of steps) pieces = pieces.flatMap((piece) => follow(piece, step));
  return pieces.map(jsonField).filter((field) => field.text !== null);
}

/**
 * A member of a list is that member of each of its elements. The elements of an object are its
 * members, and a text may be JSON itself.
 */
function follow(given: string, step: Step): readonly string[] {
  const piece = given.startsWith('"') ? (jsonOfCell(jsonField(given).text ?? '') ?? given) : given;
  if (step === 'elements') return jsonElements(piece);
  if ('element' in step) return jsonElements(piece).slice(step.element, step.element + 1);
  const objects = piece.startsWith('[') ? jsonElements(piece) : [piece];
  return objects.flatMap((object) => jsonMember(object, step.member) ?? []);
}

const STEPS = /\.([^.[\]]+)|\[(\d*)\]/y;

function readingsOf(text: string): readonly PathReading[] {
  const readings: PathReading[] = [{ column: text, steps: [] }];
  for (let at = text.length - 1; at > 0; at -= 1) {
    if (text[at] !== '.' && text[at] !== '[') continue;
    const steps = stepsOf(text.slice(at));
    if (steps !== null) readings.push({ column: text.slice(0, at).trim(), steps });
  }
  return readings;
}

function stepsOf(text: string): readonly Step[] | null {
  const steps: Step[] = [];
  STEPS.lastIndex = 0;
  while (STEPS.lastIndex < text.length) {
    const match = STEPS.exec(text);
    if (match === null) return null;
    const [, member, element] = match;
    if (member !== undefined) steps.push({ member: member.trim() });
    else steps.push(element === '' ? 'elements' : { element: Number(element) });
  }
  return steps;
}
