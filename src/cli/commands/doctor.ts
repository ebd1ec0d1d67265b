/** `doctor`: what is installed, reachable, writable, and which settings are in force. */
import { nodeRange, settingsInForce, type SettingInForce } from '../../config';
import { dataRootFindings } from '../../doctor/data-root-findings';
import type { Ailment, DoctorFinding } from '../../doctor/finding';
import { programFindings } from '../../doctor/program-findings';
import { serverFindings } from '../../doctor/server-findings';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';
import { missingQueues } from '../run/missing-queues';
import { printable } from '../terminal';

/** A data root that is ill comes first: without it nothing works. */
const EXIT_OF: readonly (readonly [Ailment, ExitCode])[] = [
  ['data', EXIT.unusable],
  ['program', EXIT.unusable],
  ['temporal', EXIT.noTemporal],
];

/** `data`: as the option gave it. **Errors** none of what it looks at: those are findings. */
export async function doctor(
  { config, terminal }: CommandContext,
  options: { readonly data?: string },
): Promise<ExitCode> {
  const findings = [
    ...(await programFindings(config, nodeRange)),
    ...(await dataRootFindings(config)),
    ...(await serverFindings(config, (client) => missingQueues(client, config.queuePrefix))),
  ];
  terminal.data(findings.map(words).join(''));
  terminal.data('\nsettings in force (.env.example describes them):\n');
  terminal.data(
    settingsInForce(config.env)
      .map((one) => settingWords(one, options))
      .join(''),
  );
  const ailments = findings.map(({ ailment }) => ailment);
  return EXIT_OF.find(([ailment]) => ailments.includes(ailment))?.[1] ?? EXIT.fine;
}

function words({ what, seen, ailment, next }: DoctorFinding): string {
  const line = `${ailment === null ? '✓' : '✗'} ${what}: ${printable(seen)}\n`;
  return next === '' ? line : `${line}    → ${printable(next)}\n`;
}

function settingWords(
  { name, value, source }: SettingInForce,
  { data }: { readonly data?: string },
): string {
  const from = name === 'ARTEMIS_DATA' && data !== undefined ? '--data' : source;
  return `  ${name}=${printable(value)}  (${from})\n`;
}
