import fs from 'node:fs';
import path from 'node:path';
import { ConfigError, SETTING_NAMES, loadConfig } from '../../src/config';

const example = fs.readFileSync(path.join(__dirname, '../../.env.example'), 'utf8');
const described = [...example.matchAll(/^# (ARTEMIS_[A-Z_]+)=(.*)$/gm)];

describe('the configuration', () => {
  it('has each of its settings, with its default, in .env.example', () => {
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
    ['ARTEMIS_PREVIEW_BYTES', '0'],
  ])('refuses %s=%s and names the setting', (name, value) => {
    expect(() => loadConfig({ [name]: value })).toThrow(ConfigError);
    expect(() => loadConfig({ [name]: value })).toThrow(name);
  });

  it('treats an empty setting as unset', () => {
    expect(loadConfig({ ARTEMIS_MAX_ATTEMPTS: '' }).download.attempts).toBe(3);
  });
});
