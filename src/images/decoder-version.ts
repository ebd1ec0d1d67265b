/** Which sharp, and which libvips below it, decode images here. */

/** **Errors** sharp's own, when its native part is not installed for this machine. */
export async function decoderVersion(): Promise<{ readonly sharp: string; readonly vips: string }> {
  const { default: sharp } = await import('sharp');
  const { sharp: own, vips } = sharp.versions;
  return { sharp: own, vips };
}
