/** What `serve` refuses, and the headers of whatever it answers. */
import type { ImagesAnswer, Served } from './serve-fixture';

/** @param served the server, once the tests run. */
export function describeRefusals(served: () => Served): void {
  const images = (query: string): Promise<ImagesAnswer> =>
    served().json<ImagesAnswer>(`/api/images?${query}`);

  describe('requests that serve refuses', () => {
    it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s', async (method) => {
      expect((await served().get('/', {}, method)).status).toBe(405);
    });

    it('another name in the header Host, as after DNS rebinding', async () => {
      for (const host of [
        'evil.example',
        'evil.example:80',
        '127.0.0.1.evil.example',
        'localhost.evil.example',
      ])
        expect((await served().get('/api/images', { host })).status).toBe(403);
      expect((await served().get('/', { host: `localhost:${served().address.port}` })).status).toBe(
        200,
      );
    });

    it('reading by another site, but not following its link', async () => {
      for (const site of ['cross-site', 'same-site']) {
        const embedded = { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' };
        expect((await served().get('/api/images', embedded)).status).toBe(403);
        const followed = { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate' };
        expect((await served().get('/', followed)).status).toBe(200);
      }
    });

    it('texts and numbers beyond the limits, and parameters that cannot be meant', async () => {
      const bad = [
        'q=' + 'x'.repeat(201),
        'q=%00',
        'sort=x',
        'group=x',
        'count=201',
        'from=-1',
        'from=x',
      ];
      for (const query of bad)
        expect((await served().get(`/api/images?${query}`)).status).toBe(400);
      expect((await served().get(`/images?q=${'x'.repeat(5_000)}`)).status).toBe(414);
      expect((await served().get('/groups?page=0')).status).toBe(400);
    });

    it('SQL in any parameter, which is text there', async () => {
      const attack = encodeURIComponent("x') OR 1=1; SELECT * FROM read_text('/etc/passwd') --");
      for (const name of [
        'q',
        'state',
        'code',
        'host',
        'format',
        'verdict',
        'collection',
        'added',
        'sha256',
        'issue',
      ])
        expect((await images(`${name}=${attack}`)).total).toBe(0);
      expect((await served().get(`/image?id=${attack}`)).status).toBe(404);
    });
  });

  it('every answer allows no foreign script, frame or site', async () => {
    for (const target of ['/', '/images', '/api/images', '/nothing', '/assets/grid.mjs', '/runs']) {
      const { headers } = await served().get(target);
      expect(headers['content-security-policy']).toMatch(
        /^default-src 'none'; .*script-src 'self'; /,
      );
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'x-frame-options': 'DENY',
      });
    }
  });
}
