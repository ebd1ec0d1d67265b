/** Errors of DuckDB, with the place in the text of a model that they are about. */
import { byteOffset, placeOf, type ByteOffset } from './source-position';

/** What is wrong with a query. */
export interface QueryProblem {
  /** In DuckDB's words, without its drawing of the place. */
  readonly message: string;
  /** Null when DuckDB does not say where. */
  readonly offset: ByteOffset | null;
  /** DuckDB's kind of the error, such as `Binder`; empty when it is not known. */
  readonly kind: string;
}

/** The text of a file within a statement. */
export interface QueryText {
  /** What stands before the text; ASCII. */
  readonly prefix: string;
  readonly text: string;
}

/** Reads an error of a connection with the setting `errors_as_json`. */
export function problemOf(error: unknown, { prefix, text }: QueryText): QueryProblem {
  const raw = error instanceof Error ? error.message : String(error);
  const fields = jsonIn(raw);
  if (fields === null) return { message: raw, offset: null, kind: '' };
  const kind = String(fields.exception_type);
  const position = Number(fields.position) - prefix.length;
  // The parser counts characters; everywhere else DuckDB counts bytes.
  const offset = kind === 'Parser' ? byteOffset(text, position) : position;
  return {
    message: `${kind} error: ${String(fields.exception_message)}`,
    offset: position >= 0 ? offset : null,
    kind,
  };
}

/** Some errors have a prefix before the JSON. */
function jsonIn(raw: string): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(raw.slice(Math.max(0, raw.indexOf('{'))));
    return typeof parsed === 'object' ? (parsed as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}

/** The problem in one line: `models/by_day.sql:12:7: Binder error: …`. */
export function problemText(
  { file, text }: { readonly file: string; readonly text: string },
  { message, offset }: Pick<QueryProblem, 'message' | 'offset'>,
): string {
  return `${file}:${placeOf(text, offset)}: ${message.replace(/\s*\n\s*/g, ' ')}`;
}
