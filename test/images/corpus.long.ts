/**
 * Checks that the walk calls every image good that sharp accepts, for the images in the folders of
 * `IMAGE_CORPUS`, which are separated by `:`.
 */
import fs from 'node:fs';
import path from 'node:path';
import { imageSignature } from '../../src/images/image-signature';
import { goodImages } from './good-images';
import { complaintOf, walkOf } from './compare-with-sharp';

const FOLDERS = (process.env.IMAGE_CORPUS ?? '').split(':').filter((folder) => folder !== '');

function* imagesUnder(folder: string): Generator<string> {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) yield path.join(entry.parentPath, entry.name);
  }
}

/** Counts the results of walks, and decodes images that the walk does not call good with sharp. */
async function tally(
  files: Iterable<{ readonly name: string; readonly bytes: Buffer }>,
): Promise<{ counts: Record<string, number>; falseAlarms: string[] }> {
  const counts: Record<string, number> = {};
  const falseAlarms: string[] = [];
  for (const { name, bytes } of files) {
    const signature = imageSignature(bytes.subarray(0, 512));
    if (signature?.kind !== 'allowed') continue;
    const walk = walkOf(signature.format, bytes);
    const key = `${signature.format} ${walk.state}`;
    counts[key] = (counts[key] ?? 0) + 1;
    if (walk.state === 'doubtful' || walk.state === 'refused') {
      const complaint = await complaintOf(bytes);
      if (complaint === null) falseAlarms.push(`${name}: ${walk.detail}`);
    }
  }
  return { counts, falseAlarms };
}

it('the walk raises no false alarm on the output of encoders with every option', async () => {
  const { counts, falseAlarms } = await tally(await goodImages());
  console.log(JSON.stringify(counts));
  expect(falseAlarms).toEqual([]);
}, 300_000);

(FOLDERS.length > 0 ? it.each(FOLDERS) : it.skip.each(['IMAGE_CORPUS']))(
  'the walk raises no false alarm on the images in %s',
  async (folder) => {
    const read = function* (): Generator<{ name: string; bytes: Buffer }> {
      for (const name of imagesUnder(folder)) yield { name, bytes: fs.readFileSync(name) };
    };
    const { counts, falseAlarms } = await tally(read());
    console.log(folder, JSON.stringify(counts));
    expect(falseAlarms).toEqual([]);
    expect(counts).not.toEqual({});
  },
  1_800_000,
);
