/**
 * Compares docker-compose.yml with the Compose specification, and checks that all that it names
 * exists in the project.
 *
 * @see compose-spec.json: github.com/compose-spec/compose-spec, commit 170098ba (Apache-2.0),
 * unmodified.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { SETTING_NAMES } from '../../src/config';
import { QUEUE_NAMES } from '../../src/contract/task-queues';

const project = path.join(__dirname, '../..');
const read = (name: string): string => fs.readFileSync(path.join(project, name), 'utf8');

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly healthcheck?: object;
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly user?: string;
  readonly deploy?: { readonly replicas?: number };
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose;
const services = Object.entries(compose.services);
const ours = services.filter(([, service]) => service.build !== undefined);
const workers = ours.filter(([, service]) => service.command?.[0] === 'worker');

describe('docker-compose.yml', () => {
  it('follows the Compose specification', () => {
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const schema = JSON.parse(read('test/compose/compose-spec.json')) as Record<string, unknown>;
    // ajv knows draft-07 only by its http address.
    const validate = ajv.compile({ ...schema, $schema: 'http://json-schema.org/draft-07/schema#' });
    expect(validate(compose) ? [] : validate.errors).toEqual([]);
    expect(validate({ services: { x: { imgae: 'x' } } })).toBe(false);
  });

  it('serves every queue, and that of the warehouse by exactly one worker', () => {
    const served = workers.flatMap(([, { command }]) => (command?.[2] ?? '').split(','));
    expect(served.sort()).toEqual([...QUEUE_NAMES].sort());
    const warehouse = workers.filter(([, { command }]) => command?.[2]?.includes('warehouse'));
    expect(warehouse.map(([, { deploy }]) => deploy?.replicas)).toEqual([1]);
  });

  it('starts commands that exist, with no more rights than they need', () => {
    for (const [, service] of ours) {
      const { status } = spawnSync(
        process.execPath,
        [path.join(project, 'bin/artemis-pipeline.js'), service.command?.[0] ?? '', '--help'],
        { encoding: 'utf8' },
      );
      expect(status).toBe(0);
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
      expect(service.user).not.toMatch(/^(0|root)\b/);
    }
  });

  it('sets no variable that the program does not read', () => {
    for (const [, { environment }] of ours) {
      const names = Object.keys(environment ?? {}).filter((name) => name.startsWith('ARTEMIS_'));
      expect(names.filter((name) => !SETTING_NAMES.includes(name))).toEqual([]);
    }
  });

  it('names services, volumes and files that exist', () => {
    for (const [, service] of services) {
      for (const name of Object.keys(service.depends_on ?? {}))
        expect(Object.keys(compose.services)).toContain(name);
      for (const volume of service.volumes ?? []) {
        const [source = ''] = volume.replace(/\$\{[^}]*\}/g, './data').split(':');
        if (!source.startsWith('.')) expect(Object.keys(compose.volumes)).toContain(source);
        else if (source !== './data') expect(fs.existsSync(path.join(project, source))).toBe(true);
      }
    }
  });

  it('opens ports on the loopback address only', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('restarts workers, and checks the health of services that others wait for', () => {
    for (const [, { restart }] of workers) expect(restart).toBe('unless-stopped');
    for (const [, service] of services)
      for (const [name, { condition }] of Object.entries(
        (service.depends_on ?? {}) as Record<string, { condition: string }>,
      ))
        if (condition === 'service_healthy')
          expect(compose.services[name]?.healthcheck).toBeDefined();
  });

  it('runs scripts that a shell can parse', () => {
    for (const script of fs.readdirSync(path.join(project, 'compose')))
      expect(spawnSync('sh', ['-n', path.join(project, 'compose', script)]).status).toBe(0);
  });
});

describe('Dockerfile', () => {
  const dockerfile = read('Dockerfile');

  it('copies only files that exist and that .dockerignore lets through', () => {
    const copies = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) =>
      (match[1] ?? '').split(' '),
    );
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    for (const source of copies) {
      expect(fs.existsSync(path.join(project, source))).toBe(true);
      expect(allowed).toContain(source);
    }
  });

  it('runs as an unprivileged user, on a version of Node that the project supports', () => {
    expect(dockerfile).toMatch(/^USER node$/m);
    const major = Number(/^FROM node:(\d+)/m.exec(dockerfile)?.[1]);
    expect(major).toBeGreaterThanOrEqual(20);
  });
});
