/** Files of a folder of images, and the CPU that work on them costs. */
import fs from 'node:fs';
import path from 'node:path';

/** The paths of about `most` images, from all over the folder. */
export function corpusFiles(folder, most) {
  const files = fs
    .readdirSync(folder, { recursive: true })
    .map((name) => path.join(folder, name))
    .filter((file) => /\.(png|jpe?g)$/i.test(file) && fs.statSync(file).isFile())
    .sort();
  const step = Math.max(1, Math.floor(files.length / most));
  return files.filter((_, n) => n % step === 0);
}

/** The CPU time in ms per item. The process does nothing else meanwhile. */
export async function cpuPerItem(items, work) {
  const before = process.cpuUsage();
  for (const item of items) await work(item);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / items.length;
}
