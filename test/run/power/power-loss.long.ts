/**
 * The machine loses its power at many instants of a run, on several file systems. Builds without
 * one of the flushes that protect images must fail the same check.
 *
 */
import { brokenBuild, type BrokenBuild } from '../../helpers/builds/broken-build';
import { canCutDisks, type CutKind, type FileSystem } from '../../helpers/failures/cuttable-disk';
import { PowerScene, type RecordedImages } from './power-scene';

const CUTS = Number(process.env.POWER_CUTS ?? 12);
const SEED = Number(process.env.POWER_SEED ?? 1);
const LIMIT_MS = 1_200_000;

const FILE_SYSTEMS: readonly FileSystem[] = ['ext4', 'xfs', 'btrfs'];

/** One after the other, so that each instant is as likely for both. */
const kinds = Array.from({ length: CUTS }, (_, nth): CutKind =>
  nth % 2 === 0 ? 'flushed' : 'received',
);

const flushed = kinds.map((): CutKind => 'flushed');

let scene: PowerScene | null = null;
afterEach(async () => {
  await scene?.dispose();
  scene = null;
});

describe.each(FILE_SYSTEMS)('on %s, a run whose machine loses its power', (inside) => {
  (canCutDisks(inside) ? it : it.skip)(
    'has the file of each recorded image, and is completed by the same command',
    async () => {
      scene = await PowerScene.create(inside);
      for (const cut of await scene.runAndCut(kinds, SEED)) {
        expect((await scene.recordedImages(cut)).broken).toEqual([]);
        await scene.expectRecovery();
      }
    },
    LIMIT_MS,
  );
});

/** Without a journal, databases may break whose files are new, so the run is not completed. */
describe('on ext4 without a journal, a run whose machine loses its power', () => {
  const inside = 'ext4 without a journal';
  (canCutDisks(inside) ? it : it.skip)(
    'has the file of each recorded image',
    async () => {
      scene = await PowerScene.create(inside);
      const found: RecordedImages[] = [];
      for (const cut of await scene.runAndCut(flushed, SEED))
        found.push(await scene.recordedImages(cut));
      expect(found.flatMap(({ broken }) => broken)).toEqual([]);
      expect(found.some(({ stored }) => stored > 0)).toBe(true);
    },
    LIMIT_MS,
  );
});

const BROKEN: readonly (readonly [BrokenBuild, FileSystem])[] = [
  ['no-file-flush', 'ext4'],
  ['no-folder-flush', 'ext4 without a journal'],
];

describe.each(BROKEN)('the build %s, on %s,', (name, inside) => {
  (canCutDisks(inside) ? it : it.skip)(
    'records images that are not there',
    async () => {
      const build = brokenBuild(name);
      try {
        scene = await PowerScene.create(inside, build.program);
        const found: RecordedImages[] = [];
        for (const cut of await scene.runAndCut(flushed, SEED))
          found.push(await scene.recordedImages(cut));
        expect(found.some(({ broken }) => broken.length > 0)).toBe(true);
      } finally {
        build.remove();
      }
    },
    LIMIT_MS,
  );
});
