import type { NameAnswer } from './name-network';

/** Resolves with the function that stops the server. */
export function startNameServer(
  address: string,
  answerTo: (name: string, type: 'A' | 'AAAA' | undefined, transport: 'udp' | 'tcp') => NameAnswer,
): Promise<() => void>;
