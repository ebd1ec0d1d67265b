/** The column that somebody may have meant. */
import { closestName } from '../../src/catalog/closest-name';

const COLUMNS = ['id', 'url', 'thumbnailUrl', 'Object Number', 'title'];

describe('the closest name of a column', () => {
  it.each([
    ['two letters swapped, in a short name', 'ulr', 'url'],
    ['a letter added', 'urls', 'url'],
    ['upper and lower case', 'URL', 'url'],
    ['a letter left out of a long name', 'thumbnailUr', 'thumbnailUrl'],
    ['another separator', 'object_number', 'Object Number'],
    ['another word', 'width', null],
    ['a short name of which most letters differ', 'src', null],
  ])('for %s', (_what, wanted, expected) => {
    expect(closestName(wanted, COLUMNS)).toBe(expected);
  });
});
