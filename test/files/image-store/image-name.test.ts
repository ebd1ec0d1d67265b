/** Names from ids: injective and portable, for any id. */
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

/** Two that a careless file system would take for one. */
const twin = fc.constantFrom<(id: string) => string>(
  (id) => id.toUpperCase(),
  (id) => id.toLowerCase(),
  (id) => id.normalize('NFD'),
  (id) => id.normalize('NFC'),
  (id) => `${id} `,
  (id) => `${id}.`,
  (id) => id.slice(0, -1),
);

describe('the name of an id', () => {
  it('is safe on every file system', () => {
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

  it('is another for another id, whatever the case and the normal form', () => {
    fc.assert(
      fc.property(anyId, twin, (id, make) => {
        const other = make(id);
        fc.pre(other !== id);
        expect(imageName(other).toLowerCase().normalize('NFC')).not.toBe(
          imageName(id).toLowerCase().normalize('NFC'),
        );
      }),
      { numRuns: 3_000 },
    );
  });

  it('is readable where the id is harmless', () => {
    expect(imageName('n01234-5_b')).toBe('n01234-5_b');
    expect(imageName('N0123')).toBe('+n0123');
    expect(imageName('a/b')).toBe('a=2fb');
  });

  it('stands in a shard, with the bytes’ hash, and stays below the thumbs', () => {
    const sha256 = '0123456789abcdef'.repeat(4);
    const path = imagePath({ id: '../../etc/passwd', sha256, extension: 'jpg' });
    expect(path).toMatch(
      /^raw\/images\/thumbs\/[0-9a-f]{3}\/=2e=2e=2f=2e=2e=2fetc=2fpasswd\.0123456789ab\.jpg$/,
    );
  });

  it('stood two folders deep before, under the same name and the same hash', () => {
    const image = { id: 'a', sha256: '0123456789abcdef'.repeat(4), extension: 'jpg' };
    const [, first, second] = /thumbs\/(..)\/(..)\//.exec(olderImagePath(image)) ?? [];
    expect(olderImagePath(image)).toMatch(/^raw\/images\/thumbs\/..\/..\/a\.0123456789ab\.jpg$/);
    expect(imagePath(image).split('/')[3]).toBe(`${first ?? ''}${second?.[0] ?? ''}`);
  });

  it('of each naughty string is a name, below the thumbs, and no two of them are one', () => {
    const ids = [...new Set(naughty)];
    expect(ids.length).toBeGreaterThan(450);
    // As a file system sees them that knows neither case nor normal forms, and drops dots and spaces at the end.
    const seen = ids.map((id) =>
      imageName(id)
        .normalize('NFKD')
        .toLowerCase()
        .replace(/[. ]+$/, ''),
    );
    expect(new Set(seen).size).toBe(ids.length);
    for (const id of ids) {
      const file = imagePath({ id, sha256: '0'.repeat(64), extension: 'jpg' });
      expect(file).toMatch(
        /^raw\/images\/thumbs\/[0-9a-f]{3}\/[a-z0-9_+=][a-z0-9_+=-]*\.0{12}\.jpg$/,
      );
      expect(Buffer.byteLength(file.split('/').pop() ?? '')).toBeLessThanOrEqual(255);
    }
  });

  it.each([
    ...[
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
    ],
    ...['é'.repeat(128), 'x'.repeat(256), '\u202ecod', '\ud800'],
  ])('of %j stays one name', (id) => {
    expect(imageName(id)).toMatch(/^[a-z0-9_+=][a-z0-9_+=-]{0,199}$/);
  });
});
