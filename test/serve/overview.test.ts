/** The first page over a data root whose runs have left no files. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ModelFixture } from '../models/model-fixture';
import { textOf } from '../report/report-fixture';
import { overviewBody } from '../../src/serve/pages/overview';
import { SnapshotFollower } from '../../src/serve/snapshot/snapshot-follower';
import { until } from '../helpers/until';
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

it('says of a folder that no run has used why it may be the wrong one', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-no-root-'));
  const served = await serveFolder(folder);
  const overview = async (): Promise<string> => textOf(await served.page('/'));
  expect(await overview()).not.toContain('This folder');
  fs.writeFileSync(path.join(folder, 'notes.txt'), 'of something else');
  expect(await overview()).toContain('This folder has files, but none of a run.');
  fs.rmSync(folder, { recursive: true });
  expect(await overview()).toContain('This folder does not exist. If a run has stored images');
  fs.writeFileSync(folder, 'a file');
  expect(await overview()).toContain('This folder is a file, or below one.');
  fs.rmSync(folder);
  fs.symlinkSync(folder, folder);
  expect(await overview()).toContain('This folder cannot be read (ELOOP).');
  await served.close();
  fs.unlinkSync(folder);
});

it('shows the snapshot further while its folder cannot be read, and says so', async () => {
  const away = `${fixture.root}.away`;
  const isOpen = async (): Promise<boolean> => (await serving.get('/images')).status === 200;
  const overview = async (): Promise<string> => textOf(await serving.page('/'));
  expect(await isOpen()).toBe(true);
  fs.renameSync(fixture.root, away);
  try {
    fs.symlinkSync(fixture.root, fixture.root);
    await until(async () => (await overview()).includes('cannot be read'), {
      within: 30,
      saying: 'that the folder cannot be read',
    });
    expect(await isOpen()).toBe(true);
    fs.unlinkSync(fixture.root);
  } finally {
    fs.renameSync(away, fixture.root);
  }
  await until(async () => !(await overview()).includes('cannot be read'), {
    within: 30,
    saying: 'the folder to be read again',
  });
});

it('says that the images cannot be counted, and does not call them none', async () => {
  const follower = new SnapshotFollower(fixture.root);
  const snapshot = await follower.use((open) => Promise.resolve(open));
  const overview = async (): Promise<string> =>
    textOf((await overviewBody(snapshot, { entries: [], newest: [] }, fixture.root)).text);
  await follower.close();
  expect(snapshot).not.toBeNull();
  const closed = await overview();
  expect(closed).toContain('The snapshot cannot answer this.');
  expect(closed).not.toContain('earlier version');
  expect(closed).not.toContain('0 stored');
});
