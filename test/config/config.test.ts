import fs from 'node:fs';
import path from 'node:path';
import { ConfigError, SETTING_NAMES, loadConfig } from '../../src/config';

const example = fs.readFileSync(path.join(__dirname, '../../.env.example'), 'utf8');
const described = [...example.matchAll(/^# (ARTEMIS_[A-Z_]+)=(.*)$/gm)];

describe('the configuration', () => {
  it('is described, every setting of it, with its default', () => {
    expect(described.map(([, name]) => name).sort()).toEqual([...SETTING_NAMES].sort());
    const written = Object.fromEntries(
      described.map(([, name, value]): [string, string] => [name ?? '', value ?? '']),
    );
    const { env: _given, ...asWritten } = loadConfig(written);
    const { env: _none, ...byDefault } = loadConfig({});
    expect(asWritten).toEqual(byDefault);
  });

  it.each([
    ['ARTEMIS_MAX_ATTEMPTS', 'many'],
    ['ARTEMIS_MAX_ATTEMPTS', '0'],
    ['ARTEMIS_ALLOWED_PORTS', '80,http'],
    ['ARTEMIS_QUEUE_PREFIX', 'a b'],
    ['ARTEMIS_DB_DRIVER', 'sqlite'],
    ['ARTEMIS_LOG_LEVEL', 'loud'],
  ])('%s=%s is refused by name', (name, value) => {
    expect(() => loadConfig({ [name]: value })).toThrow(ConfigError);
    expect(() => loadConfig({ [name]: value })).toThrow(name);
  });

  it('takes an empty setting for none', () => {
    expect(loadConfig({ ARTEMIS_MAX_ATTEMPTS: '' }).download.attempts).toBe(3);
  });
});
