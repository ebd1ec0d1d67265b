/** One thing that `doctor` looked at. */

/** What a problem keeps from working. `temporal`: runs; `data`: everything. */
export type Ailment = 'temporal' | 'data' | 'program';

/** **Shape** `ailment` null: nothing is wrong; `next`: what to do, empty where there is nothing. */
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

/** An error's message, of one line. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
