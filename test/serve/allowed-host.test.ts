/** Which names a server may be called by. */
import { isAllowedHost, isLoopback } from '../../src/serve/guard/allowed-host';

describe('the header Host', () => {
  it.each(['localhost', 'LOCALHOST:8090', '127.0.0.1:1', '[::1]:8090', '[::1]'])(
    'may be %s on a loopback address',
    (header) => {
      expect(isAllowedHost(header, '127.0.0.1')).toBe(true);
    },
  );

  it.each([
    ['evil.example', '127.0.0.1'],
    ['127.0.0.1.evil.example:80', '127.0.0.1'],
    ['evil.example', '0.0.0.0'],
    ['192.168.1.5', '127.0.0.1'],
    ['', '127.0.0.1'],
    ['', '0.0.0.0'],
    ['localhost:x', '0.0.0.0'],
  ])('may not be %j when the server listens on %s', (header, listening) => {
    expect(isAllowedHost(header, listening)).toBe(false);
  });

  it('may be the configured name, or any numeric address where all are listened on', () => {
    expect(isAllowedHost('gallery.lan:8090', 'gallery.lan')).toBe(true);
    expect(isAllowedHost('192.168.1.5:8090', '0.0.0.0')).toBe(true);
    expect(isAllowedHost('[fe80::1]:8090', '::')).toBe(true);
  });
});

it('only addresses that others cannot reach are loopback', () => {
  expect(['127.0.0.1', '127.1.2.3', '::1', 'localhost'].map(isLoopback)).not.toContain(false);
  expect(['0.0.0.0', '::', '10.0.0.1', '127.evil.example', ''].map(isLoopback)).not.toContain(true);
});
