/** `doctor`: reports what is installed, reachable and writable, and which settings are in force. */
import { nodeRange, settingsInForce, type SettingInForce } from '../../config';
import { dataRootFindings } from '../../doctor/data-root-findings';
import type { Ailment, DoctorFinding } from '../../doctor/finding';
import { proxyFinding } from '../../doctor/proxy-finding';
import { programFindings } from '../../doctor/program-findings';
import { serverFindings } from '../../doctor/server-findings';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';
import { missingQueues } from '../run/missing-queues';
import { printable } from '../terminal';

/** A problem of the data root comes first, because nothing works without it. */
const EXIT_BY_AILMENT: readonly (readonly [Ailment, ExitCode])[] = [
  ['data', EXIT.unusable],
  ['program', EXIT.unusable],
  ['temporal', EXIT.noTemporal],
];

/**
 * Never throws for what it examines, because problems are findings.
 *
 * @param options `data` as the option gave it.
 */
export async function doctor(
  { config, terminal }: CommandContext,
  options: { readonly data?: string },
): Promise<ExitCode> {
  const findings = [
    ...(await programFindings(config, nodeRange)),
    ...(await dataRootFindings(config)),
    proxyFinding(config),
    ...(await serverFindings(config, (client) => missingQueues(client, config.queuePrefix))),
  ];
  terminal.data(findings.map(findingText).join(''));
  terminal.data('\nsettings in force (.env.example describes them):\n');
  terminal.data(
    settingsInForce(config.env)
      .map((one) => settingText(one, options))
      .join(''),
  );
  const ailments = findings.map(({ ailment }) => ailment);
  return EXIT_BY_AILMENT.find(([ailment]) => ailments.includes(ailment))?.[1] ?? EXIT.fine;
}

function findingText({ what, seen, ailment, next }: DoctorFinding): string {
  const line = `${ailment === null ? '✓' : '✗'} ${what}: ${printable(seen)}\n`;
  return next === '' ? line : `${line}    → ${printable(next)}\n`;
}

function settingText(
  { name, value, source }: SettingInForce,
  { data }: { readonly data?: string },
): string {
  const from = name === 'ARTEMIS_DATA' && data !== undefined ? '--data' : source;
  return `  ${name}=${printable(value)}  (${from})\n`;
}
