/** Section N14: Locations in all the forms that servers write, and redirects that lead nowhere. */
import { raw, reply, type Answer } from '../helpers/hosts/lying-server';
import { fails, stored, type Expected, type FaultCase } from './fault-case';

const to = (location: string, status = '302 Found'): Answer => reply(status, { location });

const arrives = (what: string, location: string, at: string, status?: string): FaultCase => ({
  row: 'N14',
  what,
  serve: () => to(location, status),
  others: ({ jpeg }) => ({ [at]: reply('200 OK', {}, jpeg) }),
  expected: stored({ requests: 2, bytes: ({ jpeg }) => jpeg }),
});

const leadsNowhere = (what: string, serve: Answer, expected: Expected): FaultCase => ({
  row: 'N19',
  what,
  serve: () => serve,
  expected,
});

const locations: readonly FaultCase[] = [
  arrives('a Location that is a file name', 'image.jpg', '/image.jpg'),
  arrives('a Location that goes up', '../.././up/image.jpg', '/up/image.jpg'),
  arrives('a Location with spaces', '/an image.jpg', '/an%20image.jpg'),
  arrives('a Location with spaces around it', '  /image  ', '/image'),
  arrives('a Location with a fragment', '/image#page=2', '/image'),
  arrives('a Location with a backslash', '\\image', '/image'),
  arrives('a Location in UTF-8', '/größe.jpg', '/gr%C3%B6%C3%9Fe.jpg'),
  arrives('a Location that is encoded', '/gr%c3%b6%c3%9fe.jpg', '/gr%c3%b6%c3%9fe.jpg'),
  arrives('a Location with a query only', '?size=large', '/case?size=large'),
  ...[301, 303, 307, 308].map((status) =>
    arrives(`status ${status}`, '/image', '/image', `${status} Moved`),
  ),
  {
    row: 'N14',
    what: 'a Location in Latin-1',
    serve: () =>
      raw(
        Buffer.from(
          'HTTP/1.1 302 Found\r\nlocation: /größe\r\ncontent-length: 0\r\n\r\n',
          'latin1',
        ),
      ),
    others: ({ jpeg }) => ({ '/gr%F6%DFe': reply('200 OK', {}, jpeg) }),
    expected: stored({ requests: 2, bytes: ({ jpeg }) => jpeg }),
  },
  {
    row: 'N14',
    what: 'a Location without a scheme',
    serve: (_images, { plainPort }) => to(`//127.0.0.1:${plainPort}/0`),
    expected: stored({ requests: 2, bytes: ({ neighbours: [first] }) => first }),
    elsewhere: 1,
  },
];

const loops: readonly FaultCase[] = [
  {
    row: 'N14',
    what: 'two URLs that redirect to each other',
    serve: () => to('/other'),
    others: () => ({ '/other': to('/case') }),
    expected: fails('too_many_redirects', { requests: 6 }),
  },
  {
    row: 'N14',
    what: 'a redirect to itself, permanently',
    serve: () => to('/case', '301 Moved Permanently'),
    expected: fails('too_many_redirects', { requests: 6 }),
  },
  {
    row: 'N14',
    what: 'URLs that grow without end',
    serve: () => to('/a/'),
    others: () =>
      Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`/${'a/'.repeat(n + 1)}`, to('a/')])),
    expected: fails('too_many_redirects', { requests: 6 }),
  },
];

const nowhere: readonly FaultCase[] = [
  leadsNowhere('an empty Location', to(''), fails('too_many_redirects', { requests: 6 })),
  leadsNowhere('300 without a Location', reply('300 Multiple Choices'), fails('unexpected_status')),
  leadsNowhere(
    '304 with a Location',
    raw('HTTP/1.1 304 Not Modified\r\nlocation: /case\r\n\r\n'),
    fails('unexpected_status'),
  ),
  leadsNowhere(
    'a Location to a host of more than 63 characters',
    to(`https://${'a'.repeat(64)}.test/`),
    fails('redirect', { detail: 'more than 63 characters' }),
  ),
  leadsNowhere(
    'a Location to a host with two dots',
    to('https://museum..test/'),
    fails('redirect', { detail: 'a Location, but its host has' }),
  ),
  leadsNowhere(
    'a Location to a host and its port',
    to('museum.test:8080/a.jpg'),
    fails('scheme', { detail: 'perhaps a host with its port' }),
  ),
  leadsNowhere('a Location to mail', to('mailto:curator@museum.test'), fails('scheme')),
  leadsNowhere('a Location that is script', to('javascript:alert(1)'), fails('scheme')),
];

export const redirectCases: readonly FaultCase[] = [...locations, ...loops, ...nowhere];
