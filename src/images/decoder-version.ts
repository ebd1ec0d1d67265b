/** The versions of sharp and of its libvips, which decode images. */

/** @throws sharp's own error if its native part is not installed for this machine. */
export async function decoderVersion(): Promise<{ readonly sharp: string; readonly vips: string }> {
  const { default: sharp } = await import('sharp');
  const { sharp: sharpVersion, vips } = sharp.versions;
  return { sharp: sharpVersion, vips };
}
