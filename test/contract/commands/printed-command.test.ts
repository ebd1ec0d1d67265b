/**
 * Commands that users copy name the data root, prefix, address and namespace that they need. No
 * text of the program writes a command by itself, so that none forgets them.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import {
  artemisCommand,
  configuredTemporalCommand,
  ourTemporalCommand,
  statusCommand,
  temporalCommand,
  upCommand,
  workerCommand,
} from '../../../src/contract/commands/printed-command';

const SRC = path.join(__dirname, '../../../src');

/** Commands of this program with words behind it, and commands of Temporal's CLI. */
const COMMANDS = [
  /artemis-pipeline (demo|doctor|down|inspect|prune|query|rebuild|repair|report|run|serve|status|temporal|up|verify|worker)\b/,
  /temporal (activity|batch|env|operator|schedule|server|task-queue|worker|workflow) \w/,
];

/** Where commands are put together. */
const MAKERS = [
  'contract/commands/printed-command.ts',
  // Each adds the options of the server, as `serverOptions` writes them, or those that were given.
  'workflows/operators/operator-commands.ts',
  'cli/run/run-request.ts',
  'cli/inspect/run-line.ts',
];

/** Texts that only name a command. Nobody can paste them as they are. */
const ONLY_NAMED = [
  'worker.ts: artemis-pipeline worker: ',
  'activities/open-run.ts: temporal workflow list --query',
];

/** The texts of a file: literals, and templates with `…` in place of their expressions. */
function textsOf(file: string): readonly string[] {
  const source = ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) texts.push(node.text);
    if (ts.isTemplateExpression(node))
      texts.push(
        [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('…'),
      );
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts;
}

function allFiles(): readonly string[] {
  return fs
    .readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .sort();
}

it('only the makers of commands write a command that users could copy', () => {
  const written = allFiles()
    .filter((file) => !MAKERS.includes(file))
    .flatMap((file) => textsOf(path.join(SRC, file)).map((text) => `${file}: ${text}`))
    .filter((text) => COMMANDS.some((command) => command.test(text)));
  const isNamed = (text: string): boolean =>
    ONLY_NAMED.some((named) => {
      const [file = '', words = ''] = named.split(': ');
      return text.startsWith(`${file}: `) && text.includes(words.trim());
    });
  expect(written.filter((text) => !isNamed(text))).toEqual([]);
  expect(written.filter(isNamed)).toHaveLength(ONLY_NAMED.length);
});

describe('a printed command', () => {
  const place = { dataRoot: "/srv/the trust's", queuePrefix: 'museum' };
  const server = { address: '127.0.0.1:7239', namespace: 'images' };

  it('names the data root and the prefix', () => {
    expect(artemisCommand('rebuild', place.dataRoot)).toBe(
      "artemis-pipeline rebuild --data '/srv/the trust'\\''s'",
    );
    expect(workerCommand('warehouse', place)).toBe(
      "ARTEMIS_QUEUE_PREFIX=museum artemis-pipeline worker --queues warehouse --data '/srv/the trust'\\''s'",
    );
    expect(upCommand(place)).toContain('ARTEMIS_QUEUE_PREFIX=museum artemis-pipeline up --data');
    expect(upCommand(undefined)).toBe('artemis-pipeline up');
  });

  it('names the address and the namespace', () => {
    const options = '--address 127.0.0.1:7239 --namespace images';
    expect(temporalCommand('workflow list', server)).toBe(`temporal workflow list ${options}`);
    expect(configuredTemporalCommand('workflow list', server)).toBe(
      `artemis-pipeline temporal workflow list ${options}`,
    );
    expect(ourTemporalCommand('workflow list', { dataRoot: '/d', configured: null })).toBe(
      'artemis-pipeline temporal workflow list --data /d',
    );
  });

  it.each([
    'tate',
    '-tate',
    '--json',
    '-',
    '--',
    '-h',
    '--data',
    '42',
    '-1',
    'a *b* \'c\' "d" $HOME',
    '- first line\nsecond',
    `-${'x'.repeat(900)}`,
  ])('asks a shell for the state of the run %j', (workflowId) => {
    const dataRoot = fs.mkdtempSync(path.join(os.tmpdir(), "-the trust's $HOME *"));
    const cli = path.join(SRC, '../bin/artemis-pipeline.js');
    const script = `artemis-pipeline() { node "${cli}" "$@"; }; ${statusCommand(workflowId, dataRoot)}`;
    const { stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    fs.rmdirSync(dataRoot);
    expect(stderr).toContain(`there is no run ${JSON.stringify(workflowId)} in this data root`);
  });
});
