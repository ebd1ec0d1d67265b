/**
 * The machine loses its power during a run. What the disk holds by then is whole, and the same
 * command completes the run. power-loss.long.ts cuts more often, and on more file systems.
 */
import { canCutDisks, type CutKind } from '../../helpers/failures/cuttable-disk';
import { PowerScene } from './power-scene';

const CUTS: readonly CutKind[] = ['flushed', 'received', 'flushed', 'flushed'];

/** The cut after which the run is completed, which takes as long as the run. */
const COMPLETED = 3;
const SEED = 1;

(canCutDisks() ? describe : describe.skip)('a run whose machine loses its power', () => {
  let scene: PowerScene;
  beforeAll(async () => {
    scene = await PowerScene.create('ext4');
  });
  afterAll(() => scene.dispose());

  it('has the file of each recorded image, and is completed by the same command', async () => {
    for (const [nth, cut] of (await scene.runAndCut(CUTS, SEED)).entries()) {
      const { broken } = await scene.recordedImages(cut);
      expect(broken).toEqual([]);
      if (nth === COMPLETED) await scene.expectRecovery();
    }
  });
});
