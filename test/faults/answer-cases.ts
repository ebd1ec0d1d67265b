/** Section N, heads of answers: statuses, redirects, waits, and answers that are not HTTP. */
import { head, raw, rawThenClose, reply, type Answer } from '../helpers/hosts/lying-server';
import { fails, failsForNow, stored, type FaultCase } from './fault-case';

const noHttp = failsForNow('protocol', { requests: 2 });
const to = (location: string): Answer => reply('302 Found', { location });

const redirects: readonly FaultCase[] = [
  {
    row: 'N14',
    what: 'a redirect to itself',
    serve: () => to('/case'),
    expected: fails('too_many_redirects', { requests: 6 }),
  },
  {
    row: 'N14',
    what: 'five redirects',
    serve: () => to('/a'),
    others: ({ jpeg }) => ({
      ...{ '/a': to('/b'), '/b': to('../c'), '/c': to('?d'), '/c?d': to('/e') },
      '/e': reply('200 OK', {}, jpeg),
    }),
    expected: stored({ requests: 6 }),
  },
  ...['file:///etc/passwd', 'data:image/png;base64,AAAA', 'ftp://127.0.0.1/x'].map(
    (target): FaultCase => ({
      row: 'N15',
      what: `a redirect to ${target}`,
      serve: () => to(target),
      expected: fails('scheme'),
    }),
  ),
  {
    row: 'N19',
    what: 'a redirect without a Location',
    serve: () => reply('302 Found'),
    expected: fails('redirect'),
  },
  {
    row: 'N19',
    what: 'a Location that is no URL',
    serve: () => to('http://['),
    expected: fails('redirect'),
  },
  {
    row: 'N19',
    what: 'a Location with a password',
    serve: () => to('http://user:secret@127.0.0.1/'),
    expected: fails('redirect'),
  },
  {
    row: 'N19',
    what: 'from https to http: followed',
    listener: 'tls',
    serve: (_images, { plainPort }) => to(`http://127.0.0.1:${plainPort}/0`),
    expected: stored({ requests: 2, bytes: ({ neighbours: [first] }) => first }),
    elsewhere: 1,
  },
  {
    row: 'N19',
    what: 'from http to https: followed',
    serve: (_images, { tlsPort }) => to(`https://127.0.0.1:${tlsPort}/0`),
    expected: stored({ requests: 2, bytes: ({ neighbours: [first] }) => first }),
    elsewhere: 1,
  },
];

const failedWithStatus = (row: string, statuses: readonly number[]): readonly FaultCase[] =>
  statuses.map((status) => ({
    row,
    what: `status ${status}`,
    serve: ({ jpeg }) => reply(`${status} Word`, {}, jpeg),
    expected: row === 'N24' ? failsForNow(`http_${status}`) : fails(`http_${status}`),
  }));

const statuses: readonly FaultCase[] = [
  {
    row: 'N20',
    what: '206 that nobody asked for',
    serve: ({ jpeg }) => reply('206 Partial Content', { 'content-range': 'bytes 0-9/10' }, jpeg),
    expected: fails('unexpected_status', { detail: '206' }),
  },
  {
    row: 'N21',
    what: '416, though no range was asked for',
    serve: () => reply('416 Range Not Satisfiable', { 'content-range': 'bytes */10' }),
    expected: fails('http_416'),
  },
  {
    row: 'N21',
    what: 'a body that was cut is asked for from its beginning',
    serve:
      ({ jpeg, png }) =>
      (socket, request) => {
        const whole = head('200 OK', { 'content-length': String(jpeg.length), etag: '"a"' });
        if (request.before === 0) rawThenClose(whole, jpeg.subarray(0, 900))(socket, request);
        else reply('200 OK', { etag: '"b"' }, png)(socket, request);
      },
    expected: stored({ requests: 2, bytes: ({ png }) => png }),
  },
  {
    row: 'N22',
    what: '304 that nobody asked for',
    serve: () => raw(head('304 Not Modified', { etag: '"e"' })),
    expected: fails('unexpected_status', { detail: '304' }),
  },
  {
    row: 'N23',
    what: '429 for a second',
    serve:
      ({ jpeg }) =>
      (socket, request) => {
        const wait = reply('429 Slow Down', { 'retry-after': '1' });
        (request.before === 0 ? wait : reply('200 OK', {}, jpeg))(socket, request);
      },
    expected: stored({ requests: 2 }),
  },
  {
    row: 'N23',
    what: '503 until a date that has passed',
    serve:
      ({ jpeg }) =>
      (socket, request) => {
        const wait = { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' };
        const answer = request.before === 0 ? reply('503 Later', wait) : reply('200 OK', {}, jpeg);
        answer(socket, request);
      },
    expected: stored({ requests: 2 }),
  },
  {
    row: 'N23',
    what: '429 until nobody knows when',
    serve: () => reply('429 Slow Down', { 'retry-after': 'soon' }),
    expected: failsForNow('http_429'),
  },
  ...failedWithStatus('N24', [500, 502, 503, 504, 408, 425, 599]),
  ...failedWithStatus('N25', [404, 410, 403, 401, 451, 400, 407]),
  {
    row: 'N26',
    what: '204',
    serve: () => raw(head('204 No Content', {})),
    expected: fails('unexpected_status'),
  },
  {
    row: 'N26',
    what: '204 with a body',
    serve: ({ jpeg }) => reply('204 No Content', {}, jpeg),
    expected: fails('unexpected_status'),
  },
  ...[205, 226, 600, 999].map((status): FaultCase => ({
    row: 'N26',
    what: `${status} with a body`,
    serve: ({ jpeg }) => reply(`${status} Word`, {}, jpeg),
    expected: fails('unexpected_status', { detail: String(status) }),
  })),
  {
    row: 'N27',
    what: '103 before 200',
    serve:
      ({ jpeg }) =>
      (socket, request) => {
        socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>; rel=preload\r\n\r\n');
        reply('200 OK', {}, jpeg)(socket, request);
      },
    expected: stored(),
  },
  {
    row: 'N27',
    what: '100 that nobody asked for',
    serve:
      ({ jpeg }) =>
      (socket, request) => {
        socket.write('HTTP/1.1 100 Continue\r\n\r\n');
        reply('200 OK', {}, jpeg)(socket, request);
      },
    expected: stored({ requests: 2, bytes: ({ jpeg }) => jpeg }),
  },
  {
    row: 'N27',
    what: '101 that nobody asked for',
    serve: () => raw(head('101 Switching Protocols', { upgrade: 'x', connection: 'upgrade' })),
    expected: noHttp,
  },
];

const contents: readonly FaultCase[] = [
  {
    row: 'N29',
    what: 'a page that says it is an image',
    serve: () =>
      reply('200 OK', { 'content-type': 'image/jpeg' }, Buffer.from('<!doctype html><p>Gone')),
    expected: fails('not_an_image', { detail: '<!doctype html><p>Gone' }),
  },
  {
    row: 'N30',
    what: 'an image that is called a page',
    serve: ({ jpeg }) => reply('200 OK', { 'content-type': 'text/html; charset=utf-8' }, jpeg),
    expected: stored({ format: 'jpeg', detail: 'content_type text/html' }),
  },
  {
    row: 'N30',
    what: 'a PNG that is called a JPEG',
    serve: ({ png }) => reply('200 OK', { 'content-type': 'image/jpeg' }, png),
    expected: stored({ format: 'png', detail: 'content_type image/jpeg' }),
  },
  {
    row: 'N30',
    what: 'an image by its old name, or by none',
    serve: ({ jpeg }) => reply('200 OK', { 'content-type': 'image/PJPEG' }, jpeg),
    expected: stored({ format: 'jpeg', detail: null }),
  },
  ...['image/jpeg, image/jpeg', '"image/jpeg"', 'IMAGE/JPEG ; charset="utf-8"'].map(
    (type): FaultCase => ({
      row: 'N30',
      what: `an image of the type ${type}`,
      serve: ({ jpeg }) => reply('200 OK', { 'content-type': type }, jpeg),
      expected: stored({ format: 'jpeg', detail: null }),
    }),
  ),
  {
    row: 'N30',
    what: 'an image of two types',
    serve: ({ jpeg }) => reply('200 OK', { 'content-type': 'text/plain, image/jpeg' }, jpeg),
    expected: stored({ format: 'jpeg', detail: 'content_type text/plain' }),
  },
  {
    row: 'N30',
    what: 'just bytes',
    serve: ({ png }) => reply('200 OK', { 'content-type': 'application/octet-stream' }, png),
    expected: stored({ format: 'png', detail: null }),
  },
];

export const answerCases: readonly FaultCase[] = [...redirects, ...statuses, ...contents];
