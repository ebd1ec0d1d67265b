/** What a log line must not contain, tested with lines that a process writes. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { withoutSecrets, withoutSecretsInJson } from '../../src/contract/without-secrets';

const DIST = path.join(__dirname, '../../dist');

function logged(script: string): readonly Readonly<Record<string, unknown>>[] {
  const code = `
    const dist = ${JSON.stringify(DIST)};
    require(dist + '/contract/without-secrets.js').keepSecret('line1\\nline2');
    const log = require(dist + '/log.js').createLogger({ level: 'info', pretty: false });
    ${script}`;
  const { stderr } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' });
  const lines = stderr.trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

it('a log line stays JSON without the secrets in messages, fields and errors', () => {
  const lines = logged(`
    log.info('GET https://u:SECRET@host/a.jpg?sig=SECRET failed');
    log.info({ headers: { authorization: 'SECRET' }, apiKey: 'SECRET' }, 'sent Bearer SECRET.x-y');
    log.error({ err: new Error('at "https://host/?k=SECRET" and more', { cause: new Error('http://SECRET@host') }) }, 'failed');
    log.warn({ list: ['ftp://SECRET:SECRET@host/x#SECRET'], key: 'SECRET' }, 'is line1\\nline2 known');
  `);
  expect(lines).toHaveLength(4);
  expect(JSON.stringify(lines)).not.toMatch(/SECRET|line1/);
  expect(lines[0]?.msg).toBe('GET https://host/a.jpg failed');
  expect(lines[1]?.msg).toBe('sent Bearer [secret]');
  expect(lines[3]?.msg).toBe('is [secret] known');
});

it('a log line stays JSON without the secrets of a URL, whatever text surrounds the URL', () => {
  const secret = fc.stringMatching(/^Zz[a-z]{6}$/);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), secret, fc.string(), (before, planted, after) => {
      const text = `${before} https://u:${planted}@host/p?q=${planted} ${after}`;
      expect(withoutSecrets(text)).not.toContain(planted);
      const line = withoutSecretsInJson(JSON.stringify({ text, next: 1 }));
      expect(JSON.parse(line)).toMatchObject({ next: 1 });
      expect(line).not.toContain(planted);
    }),
  );
});

it('a key that is only in a profile is removed as soon as the profile has been read, from failures too', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-profile-'));
  const file = path.join(folder, 'temporal.toml');
  const profile = ['[profile.default]', 'address = "127.0.0.1:1"', 'api_key = "planted-key"'];
  fs.writeFileSync(
    file,
    [...profile, '[profile.default.grpc_meta]', 'x-token = "planted-token"'].join('\n'),
  );
  const lines = logged(`
    const { configuredConnection } = require(dist + '/server/configured-connection.js');
    const { options } = configuredConnection({ TEMPORAL_CONFIG_FILE: ${JSON.stringify(file)} });
    log.info({ text: 'with ' + options.apiKey }, 'and ' + JSON.stringify(options.metadata));
    const { shortError } = require(dist + '/activities/short-error.js');
    const short = shortError(new Error('refused: ' + options.apiKey));
    log.info({ short: short.message, stack: short.stack });
  `);
  fs.rmSync(folder, { recursive: true });
  expect(JSON.stringify(lines)).not.toContain('planted');
  expect(lines).toMatchObject([{ text: 'with [secret]' }, { short: 'refused: [secret]' }]);
});
