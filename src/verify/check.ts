/** One question that `verify` asks, and what it found. */

/** **Shape** as in `verify --json`. **Units** `checked` things looked at, `problems` those that are wrong. */
export interface Check {
  readonly id: string;
  readonly ok: boolean;
  readonly checked: number;
  readonly problems: number;
  /** The first few problems, for people. */
  readonly examples: readonly string[];
}

export const MOST_EXAMPLES = 10;

/** Collects what one check finds. */
export class Finding {
  private checked = 0;
  private problems = 0;
  private readonly examples: string[] = [];

  constructor(private readonly id: string) {}

  count(things = 1): void {
    this.checked += things;
  }

  problem(words: string, things = 1): void {
    this.problems += things;
    if (this.examples.length < MOST_EXAMPLES) this.examples.push(words);
  }

  /** Many at once: how many there are, and the first of them. */
  told(problems: number, examples: readonly string[]): void {
    this.problems += problems;
    this.examples.push(...examples.slice(0, MOST_EXAMPLES - this.examples.length));
  }

  check(): Check {
    const { id, checked, problems, examples } = this;
    return { id, ok: problems === 0, checked, problems, examples };
  }
}
