/** The texts inside a cell, each with the path by which a run finds it. */
import { valueOfCell } from '../json/python-literal';

const MOST_DEPTH = 8;
/**
 * From more names than this on, counted over all records, the names of an object's members may be
 * data, such as ids or names of files, which differ from record to record.
 */
const MANY_NAMES = 50;
/** Names that are made up row by row must not fill the memory. */
const MOST_NAMES = 10_000;
const ANY_URL = /https?:\/\/|\.(?:jpe?g|png|gif|webp|tiff?)"/i;

/** How often an object has members, and under which names. */
interface SeenNames {
  readonly names: Set<string>;
  members: number;
  /** Whether a member with a URL has a name that no path can have. */
  hasUnnamed: boolean;
}

export class CellLeaves {
  readonly #open: ReadonlySet<string>;
  readonly #seen = new Map<string, SeenNames>();

  /** @param open paths of objects whose members are read as the elements of a list. */
  constructor(open: ReadonlySet<string>) {
    this.#open = open;
  }

  /** The texts of a cell: itself, or what its JSON holds. */
  *of(name: string, cell: string): Generator<readonly [path: string, text: string]> {
    const value = jsonIn(cell);
    if (value === undefined || isListOfTexts(value)) yield [name, cell];
    else yield* this.#inside(name, value, 0);
  }

  /**
   * Paths of the objects that were seen whose members have names of their own: names of files, or
   * ids.
   */
  openObjects(): ReadonlySet<string> {
    const isOpen = ({ names, members, hasUnnamed }: SeenNames): boolean =>
      hasUnnamed || (names.size > MANY_NAMES && names.size * 2 >= members);
    return new Set([...this.#seen].flatMap(([path, seen]) => (isOpen(seen) ? path : [])));
  }

  *#inside(
    path: string,
    value: unknown,
    depth: number,
  ): Generator<readonly [path: string, text: string]> {
    if (value === null || value === '' || depth > MOST_DEPTH) return;
    if (Array.isArray(value))
      for (const element of value) yield* this.#inside(`${path}[]`, element, depth + 1);
    else if (typeof value === 'object') yield* this.#members(path, value, depth);
    else if (typeof value !== 'string') yield [path, JSON.stringify(value)];
    else {
      const json = jsonIn(value);
      if (json === undefined) yield [path, value];
      else yield* this.#inside(path, json, depth + 1);
    }
  }

  *#members(
    path: string,
    object: object,
    depth: number,
  ): Generator<readonly [path: string, text: string]> {
    const isOpen = this.#open.has(path);
    for (const [name, member] of Object.entries(object)) {
      const key = name.trim();
      const isNameable = key !== '' && !/[.[\]]/.test(key);
      if (isOpen) yield* this.#inside(`${path}[]`, member, depth + 1);
      else {
        this.#see(path, key, !isNameable && ANY_URL.test(JSON.stringify(member)));
        if (isNameable) yield* this.#inside(`${path}.${key}`, member, depth + 1);
      }
    }
  }

  #see(path: string, name: string, isUnnamed: boolean): void {
    let seen = this.#seen.get(path);
    if (seen === undefined)
      this.#seen.set(path, (seen = { names: new Set(), members: 0, hasUnnamed: false }));
    seen.members += 1;
    seen.hasUnnamed ||= isUnnamed;
    if (seen.names.size < MOST_NAMES) seen.names.add(name);
  }
}

/** The object or list whose JSON a text is, also where that is a text in JSON; else undefined. */
function jsonIn(text: string): object | undefined {
  const value = /^\s*(?:[[{]|"\s*(?:[[{]|\\"))/.test(text) ? valueOfCell(text) : undefined;
  if (typeof value === 'string') return jsonIn(value);
  return typeof value === 'object' && value !== null ? value : undefined;
}

/** A column may name such a cell itself: its texts are URLs. An empty list is no value. */
function isListOfTexts(value: object): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every((element) => typeof element === 'string');
}
