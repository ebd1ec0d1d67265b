/** Where commands write: data to stdout, everything else to stderr. */

/** A program's two outputs, and what may be done with the second. */
export interface Terminal {
  /** Data, ends without a newline of its own. */
  readonly data: (text: string) => void;
  /** One line for people. */
  readonly say: (line: string) => void;
  /** True where a bar may be drawn. */
  readonly isInteractive: boolean;
}

/** The process's own. No bar where stderr is no terminal, or NO_COLOR is set. */
export function processTerminal(env: Readonly<Record<string, string | undefined>>): Terminal {
  return {
    data: (text) => process.stdout.write(text),
    say: (line) => process.stderr.write(`${line}\n`),
    isInteractive: process.stderr.isTTY && (env.NO_COLOR ?? '') === '',
  };
}

/** Text from outside, harmless in a terminal: control characters, and those that turn the direction of what follows, are gone. */
export function printable(text: string): string {
  return text.replace(/(?![\t\n])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, '');
}
