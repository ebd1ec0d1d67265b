/** The first page over a data root whose runs have left no files. */
import fs from 'node:fs';
import { ModelFixture } from '../models/model-fixture';
import { textOf } from '../report/report-fixture';
import { serveFolder, type ServedFolder } from './serve-folder';

let fixture: ModelFixture;
let serving: ServedFolder;
beforeAll(async () => {
  fixture = await ModelFixture.withThreeImages();
  fs.rmSync(fixture.path('runs'), { recursive: true });
  serving = await serveFolder(fixture.root);
}, 60_000);
afterAll(async () => {
  await serving.close();
  fixture.remove();
});

it('says what is not stored, and how to go on, where no run says how it was started', async () => {
  const page = textOf(await serving.page('/'));
  expect(page).toContain('2 images with a URL are not stored.');
  expect(page).toContain(`run CATALOG --data ${fixture.root}`);
  expect(page).not.toContain('Nothing is left to do');
});
