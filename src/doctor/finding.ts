/** One result of `doctor`. */

/** What a problem affects: `temporal` only runs, `data` everything. */
export type Ailment = 'temporal' | 'data' | 'program';

/**
 * `ailment` is null when nothing is wrong. `next` is what to do, and empty where there is nothing
 * to do.
 */
export interface DoctorFinding {
  readonly what: string;
  readonly seen: string;
  readonly ailment: Ailment | null;
  readonly next: string;
}

export function fine(what: string, seen: string, next = ''): DoctorFinding {
  return { what, seen, ailment: null, next };
}

export function ailing(ailment: Ailment, what: string, seen: string, next: string): DoctorFinding {
  return { what, seen, ailment, next };
}

/** The first line of an error's message. */
export function firstLineOfMessage(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
