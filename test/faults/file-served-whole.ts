/** Cases whose server sends a whole file with status 200. */
import { reply } from '../helpers/hosts/lying-server';
import type { Expected, FaultCase } from './fault-case';
import type { SampleImages } from './sample-images';

export type Body = (images: SampleImages) => Buffer;

/** The stored bytes must be those that were sent. */
export function image(row: string, what: string, body: Body, expected: Expected): FaultCase {
  const bytes = expected.outcome === 'stored' ? { bytes: body } : {};
  return {
    ...{ row, what, serve: (images) => reply('200 OK', {}, body(images)) },
    expected: { ...expected, ...bytes },
  };
}

/** A body with one byte for each of these characters. */
export const text = (words: string): Body => {
  const bytes = Buffer.from(words, 'latin1');
  return () => bytes;
};
