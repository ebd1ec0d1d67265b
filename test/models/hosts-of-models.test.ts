/** The hosts that the models of the package name, where URLs have user names and passwords. */
import { ledgerLine, urlHash } from '../warehouse/warehouse-fixture';
import { ModelFixture } from './model-fixture';

describe('a user name and a password in a URL', () => {
  it('are in no table of the package that names hosts', async () => {
    const secret = new ModelFixture();
    try {
      const host = 'user:SE@CRET@one.example';
      const urls = ['a', 'b'].map((id) => ({
        id,
        url: `http://${id === 'a' ? host : 'one.example'}/`,
      }));
      await secret.merge('r1', urls);
      const lines = urls.map(({ id, url }) =>
        ledgerLine({ id, urlHash: urlHash(url), outcome: 'failed', code: 'bad_url' }),
      );
      secret.append('r1', lines);
      await secret.warehouse.commitLedgers({ warehouseId: 'w', runId: 'r1' });
      await secret.publish(false);
      await secret.build();
      expect(await secret.askDerived('SELECT host, images, failed FROM by_host')).toEqual([
        { host: 'one.example', images: '2', failed: '2' },
      ]);
      expect(await secret.askDerived('SELECT code, hosts FROM by_code')).toEqual([
        { code: 'bad_url', hosts: '1' },
      ]);
    } finally {
      secret.remove();
    }
  });
});
