/** The headers of a host are only sent to that host, on every hop. */
import { headersFor } from '../../src/http/host-headers';

const key = { Authorization: 'Bearer x' };
const headers = { 'museum.example': key, 'museum.example:8080': { 'X-Key': 'y' } };

describe('headers from the worker’s file', () => {
  it.each([
    ['https://museum.example/a', 'https://museum.example/b', key],
    ['http://museum.example/a', 'https://museum.example/b', key],
    ['http://museum.example/a', 'http://museum.example/b', key],
    ['http://museum.example/a', 'http://museum.example:8080/b', { 'X-Key': 'y' }],
    ['https://museum.example/a', 'https://cdn.example/b', {}],
    ['https://museum.example/a', 'https://museum.example.evil.example/b', {}],
    ['https://museum.example/a', 'http://museum.example/b', {}],
    ['https://cdn.example/a', 'http://museum.example/b', {}],
  ])('after a redirect from %s to %s are only those of the target', (first, url, expected) => {
    expect(headersFor(headers, new URL(url), new URL(first))).toEqual(expected);
  });
});
