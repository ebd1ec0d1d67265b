/** How many groups of equal and similar images there are. */
import { counted } from '../quantities';

/** Copies are counted in images; everything that is compared by its pixels, in files. */
export interface ClusterCounts {
  /** Groups of images with equal bytes. */
  readonly exactGroups: number;
  /** The images of these groups, without the representative of each. */
  readonly exactCopies: number;
  /** Groups of files that look equal. */
  readonly nearGroups: number;
  /** The files of these groups, without the representative of each. */
  readonly nearDuplicates: number;
  /** Groups of files that look alike: the parts of the larger groups. */
  readonly visualGroups: number;
  /** Files whose pixels were compared: those that have features. */
  readonly compared: number;
  /** Of these, files whose pixels vary too little to find near duplicates of them. */
  readonly tooPlain: number;
  /** Stored files without features. */
  readonly notCompared: number;
}

/** For example `12 exact copies in 5 groups; 31 near duplicates in 9 groups; 64 visual groups`. */
export function clustersSentence(counts: ClusterCounts): string {
  const { exactCopies, exactGroups, nearDuplicates, nearGroups, visualGroups } = counts;
  return [
    `${counted(exactCopies, 'exact copy', 'exact copies')} in ${counted(exactGroups, 'group', 'groups')}`,
    `${counted(nearDuplicates, 'near duplicate', 'near duplicates')} in ${counted(nearGroups, 'group', 'groups')}`,
    counted(visualGroups, 'visual group', 'visual groups'),
    ...leftOut(counts),
  ].join('; ');
}

function leftOut({ tooPlain, notCompared }: ClusterCounts): readonly string[] {
  return [
    ...(tooPlain === 0
      ? []
      : [`${counted(tooPlain, 'file', 'files')} too plain to have near duplicates`]),
    ...(notCompared === 0 ? [] : [`${counted(notCompared, 'file', 'files')} without features`]),
  ];
}
