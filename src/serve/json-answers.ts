/** The JSON that the scripts of the pages receive. Server and scripts share these types. */

/** One image of a grid. */
export interface GridImage {
  readonly id: string;
  /** The address of its page. */
  readonly address: string;
  /** The title, or else the id, as it is shown: invisible characters are written as code points. */
  readonly name: string;
  /** From the catalog's column that looks like a title; null without one. */
  readonly title: string | null;
  readonly state: string;
  /** Why it failed; null for other states. */
  readonly code: string | null;
  /** The file that can be shown; null without one. */
  readonly sha256: string | null;
  /** The name of that file and its kind, for browsers that cannot show it. */
  readonly file: string | null;
  readonly width: number | null;
  readonly height: number | null;
}

/** The answer of `/api/images`. */
export interface RowsAnswer {
  /** The number of images of the whole list. */
  readonly total: number;
  readonly images: readonly GridImage[];
}

/** One value of a facet, with the number of its images. */
export interface FacetValue {
  readonly value: string;
  /** The value as it is shown, where that differs from it. */
  readonly text?: string;
  readonly images: number;
}

/** One facet of the answer of `/api/facets`. */
export interface FacetCounts {
  /** The parameter of the address that filters by it. */
  readonly name: string;
  readonly title: string;
  readonly values: readonly FacetValue[];
  /** True when there are more values. */
  readonly isCut: boolean;
}

/** The answer of `/api/runs/RUN`: how far a run is. Texts are as they are shown. */
export interface RunProgress {
  /** `cut off` for a run that ended without a record of it. */
  readonly state: string;
  readonly hasEnded: boolean;
  /** Images that are done, and how many there are; both 0 while that is unknown. */
  readonly done: number;
  readonly planned: number;
  /** A few words for each of the names; `–` for what is unknown. */
  readonly facts: Readonly<Record<RunFactName, string>>;
  /** Why the run does not get on, or why a step failed; null when nothing is known to be amiss. */
  readonly problem: string | null;
  /** One sentence for each host that the downloads wait for, and one for the others. */
  readonly waits: readonly string[];
}

export type RunFactName = 'step' | 'stored' | 'failed' | 'pace' | 'left' | 'committed' | 'moved';
