/** Where commands write: data to stdout, everything else to stderr. */

/** A program's two outputs, and whether the second one can show a bar. */
export interface Terminal {
  /** Writes data as it is, without adding a newline. */
  readonly data: (text: string) => void;
  /** Writes one line for users. */
  readonly say: (line: string) => void;
  /** True where a bar may be drawn. */
  readonly isInteractive: boolean;
}

/**
 * The outputs of the process. There is no bar where stderr is not a terminal, or NO_COLOR is set.
 */
export function processTerminal(env: Readonly<Record<string, string | undefined>>): Terminal {
  return {
    data: (text) => process.stdout.write(text),
    say: (line) => process.stderr.write(`${line}\n`),
    isInteractive: process.stderr.isTTY && (env.NO_COLOR ?? '') === '',
  };
}

/**
 * Makes text from outside harmless in a terminal: removes control characters, and those that change
 * the direction of the text after them.
 */
export function printable(text: string): string {
  return text.replace(/(?![\t\n])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, '');
}
