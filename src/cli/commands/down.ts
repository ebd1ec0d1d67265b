/** `down`: stops the embedded server of this data root. */
import { stopServer } from '../../server/embedded/dev-server';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';

export async function down({ config, terminal }: CommandContext): Promise<ExitCode> {
  const result = await stopServer(config.dataRoot);
  if (result === 'not_permitted') {
    terminal.say(
      `The Temporal server of ${config.dataRoot} runs as another user, and was not stopped. That user, or root, can stop it.`,
    );
    return EXIT.unusable;
  }
  terminal.say(
    result === 'stopped'
      ? 'The Temporal server of this data root is stopped; its runs continue when it is started again.'
      : `No Temporal server runs for ${config.dataRoot}.`,
  );
  return EXIT.fine;
}
