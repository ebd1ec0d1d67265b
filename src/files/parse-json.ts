import type { z } from 'zod';

/** Returns null for a text that is not JSON, as a torn line, or that does not match the schema. */
export function parseJson<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
