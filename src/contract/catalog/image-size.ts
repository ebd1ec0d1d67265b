/** A size as the IIIF Image API writes it: https://iiif.io/api/image/3.0/#42-size */
export const IMAGE_SIZE = /^\^?(?:max|full|!?\d+,\d+|\d+,|,\d+|pct:\d+(?:\.\d+)?)$/;
