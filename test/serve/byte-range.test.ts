/** Which part of a file a header Range asks for. */
import { byteRangeOf } from '../../src/serve/files/byte-range';

describe('the header Range of a request for a file of 100 bytes', () => {
  it.each([
    ['bytes=0-9', { start: 0, end: 9 }],
    ['bytes=90-', { start: 90, end: 99 }],
    ['bytes=90-1000', { start: 90, end: 99 }],
    ['bytes=-10', { start: 90, end: 99 }],
    ['bytes=-1000', { start: 0, end: 99 }],
    ['bytes=99-99', { start: 99, end: 99 }],
  ])('%s asks for a part', (header, range) => {
    expect(byteRangeOf(header, 100)).toEqual(range);
  });

  it.each([['bytes=100-'], ['bytes=100-200'], ['bytes=-0']])('%s has no byte of it', (header) => {
    expect(byteRangeOf(header, 100)).toBe('outside');
  });

  it.each([
    [undefined],
    ['bytes=-'],
    ['bytes=9-1'],
    ['bytes=0-1,5-6'],
    ['items=0-1'],
    ['bytes=0-9999999999999999999999'],
    ['bytes=a-b'],
  ])('%s is ignored', (header) => {
    expect(byteRangeOf(header, 100)).toBeNull();
  });
});
