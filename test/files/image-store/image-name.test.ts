/** File names made from ids are injective and portable for any id. */
import naughty from 'big-list-of-naughty-strings';
import fc from 'fast-check';
import { imageName, imagePath, olderImagePath } from '../../../src/files/image-store/image-name';

const anyId = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ maxLength: 20 }),
  fc.constantFrom(
    '',
    '.',
    '..',
    'CON',
    'con',
    'nul.txt',
    'a/b',
    'a\\b',
    'ü',
    'u\u0308',
    '\ud800',
    '\udfff',
  ),
);

/** Variations of an id which some file systems do not distinguish from it. */
const twin = fc.constantFrom<(id: string) => string>(
  (id) => id.toUpperCase(),
  (id) => id.toLowerCase(),
  (id) => id.normalize('NFD'),
  (id) => id.normalize('NFC'),
  (id) => `${id} `,
  (id) => `${id}.`,
  (id) => id.slice(0, -1),
);

describe('the file name of an id', () => {
  it('has only characters that are safe on every file system', () => {
    fc.assert(
      fc.property(anyId, (id) => {
        const name = imageName(id);
        expect(name).toMatch(/^[a-z0-9_+=][a-z0-9_+=-]*$/);
        expect(name.length).toBeLessThanOrEqual(200);
        expect(name).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)$/);
      }),
      { numRuns: 3_000 },
    );
  });

  it('differs for different ids, even without regard to case and normal form', () => {
    fc.assert(
      fc.property(anyId, twin, (id, makeTwin) => {
        const other = makeTwin(id);
        fc.pre(other !== id);
        expect(imageName(other).toLowerCase().normalize('NFC')).not.toBe(
          imageName(id).toLowerCase().normalize('NFC'),
        );
      }),
      { numRuns: 3_000 },
    );
  });

  it('keeps a harmless id readable', () => {
    expect(imageName('n01234-5_b')).toBe('n01234-5_b');
    expect(imageName('N0123')).toBe('+n0123');
    expect(imageName('a/b')).toBe('a=2fb');
  });

  it('is placed in a shard below thumbs/, with the hash of the bytes', () => {
    const sha256 = '0123456789abcdef'.repeat(4);
    const path = imagePath({ id: '../../etc/passwd', sha256, extension: 'jpg' });
    expect(path).toMatch(
      /^raw\/images\/thumbs\/[0-9a-f]{3}\/=2e=2e=2f=2e=2e=2fetc=2fpasswd\.0123456789ab\.jpg$/,
    );
  });

  it('had the same name and hash, two folders deep, in the older layout', () => {
    const image = { id: 'a', sha256: '0123456789abcdef'.repeat(4), extension: 'jpg' };
    const [, first, second] = /thumbs\/(..)\/(..)\//.exec(olderImagePath(image)) ?? [];
    expect(olderImagePath(image)).toMatch(/^raw\/images\/thumbs\/..\/..\/a\.0123456789ab\.jpg$/);
    expect(imagePath(image).split('/')[3]).toBe(`${first ?? ''}${second?.[0] ?? ''}`);
  });

  it('is unique and below thumbs/ for each of the big list of naughty strings', () => {
    const ids = [...new Set(naughty)];
    expect(ids.length).toBeGreaterThan(450);
    // Compared like a file system that ignores case and normal forms and drops trailing dots and
    // spaces.
    const foldedNames = ids.map((id) =>
      imageName(id)
        .normalize('NFKD')
        .toLowerCase()
        .replace(/[. ]+$/, ''),
    );
    expect(new Set(foldedNames).size).toBe(ids.length);
    for (const id of ids) {
      const file = imagePath({ id, sha256: '0'.repeat(64), extension: 'jpg' });
      expect(file).toMatch(
        /^raw\/images\/thumbs\/[0-9a-f]{3}\/[a-z0-9_+=][a-z0-9_+=-]*\.0{12}\.jpg$/,
      );
      expect(Buffer.byteLength(file.split('/').pop() ?? '')).toBeLessThanOrEqual(255);
    }
  });

  it.each([
    '/etc/passwd',
    'C:\\x',
    '..',
    '.',
    'a\0b',
    'a\nb',
    '-rf',
    'CON',
    'com1.txt',
    'a:b',
    'x. ',
    '~',
    'é'.repeat(128),
    'x'.repeat(256),
    '\u202ecod',
    '\ud800',
  ])('of %j is a single path segment', (id) => {
    expect(imageName(id)).toMatch(/^[a-z0-9_+=][a-z0-9_+=-]{0,199}$/);
  });
});
