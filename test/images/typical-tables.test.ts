import sharp from 'sharp';
import { TYPICAL_TABLES } from '../../src/images/jpeg/typical-tables';
import { walkOf } from './compare-with-sharp';

const DHT = Buffer.from([0xff, 0xc4]);

/** A grey-blue gradient of 64 x 48 pixels, with the encoder's default tables or with its own. */
function jpeg(optimiseCoding: boolean): Promise<Buffer> {
  const pixels = Buffer.from(Array.from({ length: 64 * 48 * 3 }, (_, n) => (n * 7) % 251));
  const raw = { width: 64, height: 48, channels: 3 } as const;
  return sharp(pixels, { raw }).jpeg({ optimiseCoding }).toBuffer();
}

/** What follows the class and destination in each DHT segment of a file that defines one table. */
function definitions(bytes: Buffer): readonly Buffer[] {
  const found: Buffer[] = [];
  for (let at = bytes.indexOf(DHT); at !== -1; at = bytes.indexOf(DHT, at + 2))
    found.push(bytes.subarray(at + 5, at + 2 + bytes.readUInt16BE(at + 2)));
  return found;
}

const walk = (bytes: Buffer): string => walkOf('jpeg', bytes).state;

test('an encoder that does not optimise its tables writes the typical ones', async () => {
  const written = definitions(await jpeg(false)).map((bytes) => bytes.toString('hex'));
  expect(written.toSorted()).toEqual(TYPICAL_TABLES.map((t) => t.toString('hex')).toSorted());
});

test('files with typical tables and files with their own are walked in any order', async () => {
  const [typical, own] = await Promise.all([jpeg(false), jpeg(true)]);
  expect([typical, own, typical, own].map(walk)).toEqual(['good', 'good', 'good', 'good']);
});

test('a file whose table differs from a typical one in one symbol is not taken for it', async () => {
  const bytes = await jpeg(false);
  const [, acOfLuminance = Buffer.alloc(0)] = definitions(bytes);
  expect(acOfLuminance.equals(TYPICAL_TABLES[2] ?? Buffer.alloc(0))).toBe(true);
  // The first code means four coefficients less, so that blocks end elsewhere.
  acOfLuminance[16] = 0x51;
  expect(walk(bytes)).not.toBe('good');
});
