/** The features of a file: what follows from its bytes, and how a ledger records it. */

/**
 * The version of all features. It is part of a feature's key, so every file is computed again when
 * it changes, and it changes when any value of any image does.
 */
export const FEATURE_VERSION = 4;

/** How many numbers say what an image looks like. */
export const LOOK_LENGTH = 64;

/** A colour in OKLab, and the share of the image that is nearest to it, 0 to 1. */
export interface PaletteColour {
  readonly l: number;
  readonly a: number;
  readonly b: number;
  readonly share: number;
}

export const COLOUR_WORDS = [
  'black',
  'grey',
  'white',
  'red',
  'orange',
  'brown',
  'yellow',
  'green',
  'cyan',
  'blue',
  'purple',
  'pink',
] as const;

export type ColourWord = (typeof COLOUR_WORDS)[number];

/**
 * What is computed of the pixels of a file, made no larger than 512 pixels on its longer side, on
 * white. Hashes are texts because JSON's numbers have 53 bits; bytes are base64.
 */
export interface PixelFeatures {
  /** 64 bits as 16 hexadecimal digits. */
  readonly phash: string;
  /** 256 bits as 64 hexadecimal digits, equal to Meta's PDQ of the same pixels. */
  readonly pdq: string;
  /** 0 to 100; below 50 there is too little in the image for its hashes to mean anything. */
  readonly pdqQuality: number;
  /** The mean of luma, 0 to 1. */
  readonly brightness: number;
  /** The standard deviation of luma, 0 to 0.5. */
  readonly contrast: number;
  /** The entropy of the histogram of luma in bits, 0 to 8. */
  readonly entropy: number;
  /** The variance of the Laplacian of luma, which is from 0 to 255. */
  readonly sharpness: number;
  /** Hasler's and Süsstrunk's measure: 0 for grey, about 100 for the most colourful. */
  readonly colourfulness: number;
  /** Shares of the image, 0 to 1: grey, transparent at least in part, a border of one colour. */
  readonly grey: number;
  readonly transparent: number;
  readonly border: number;
  /** At most six colours, the largest share first. */
  readonly palette: readonly PaletteColour[];
  readonly colour: ColourWord;
  /** A ThumbHash. */
  readonly placeholder: string;
  /** 64 signed bytes: how the image looks; images that are near in them look alike. */
  readonly look: string;
}

/** What EXIF says of the camera and the exposure. A field is absent where it says nothing. */
export interface CameraMetadata {
  /** 1 to 8: how the pixels are turned and mirrored in the file, 1 for upright. */
  readonly orientation?: number;
  readonly make?: string;
  readonly model?: string;
  readonly lens?: string;
  /** The program that wrote the file. */
  readonly software?: string;
  /** The time zone of {@link MetadataValues.takenAt}, such as `+02:00`. */
  readonly takenAtOffset?: string;
  readonly exposureSeconds?: number;
  readonly fNumber?: number;
  readonly iso?: number;
  /** In millimetres. */
  readonly focalLength?: number;
}

/**
 * What XMP or IPTC say of a picture for those who show it, each at most 500 characters. A field is
 * absent where they say nothing.
 */
export interface CreditMetadata {
  readonly title?: string;
  /** Several names are separated by `; `. */
  readonly creator?: string;
  /** The copyright notice. */
  readonly copyright?: string;
  /** The address of a licence, or else the terms of use in words. */
  readonly licence?: string;
}

/** What a file says of its picture. */
export interface PictureMetadata extends CameraMetadata, CreditMetadata {}

/** What a file says of itself. Where the picture was taken, and by whose camera, is not read. */
export interface MetadataValues {
  /** The camera's clock, without a time zone: `2021-05-01T12:30:59`. Null where it is not known. */
  readonly takenAt: string | null;
  /** Null where the file says nothing of it. */
  readonly metadata: PictureMetadata | null;
}

/** All features of a file. */
export interface FeatureValues extends PixelFeatures, MetadataValues {}

/** Why a file has no features. */
export const FEATURE_CODES = [
  // No file with these bytes is where it was stored.
  'changed',
  'missing',
  // The disk reported an error.
  'unreadable',
  'truncated',
  'corrupt',
  'unsupported',
  'too_many_pixels',
  'decoder_crash',
  'decoder_timeout',
] as const;

export type FeatureCode = (typeof FEATURE_CODES)[number];

/**
 * Codes that may pass by themselves: the next run computes such a file again, others wait for
 * another version.
 */
export const PASSING_FEATURE_CODES: readonly FeatureCode[] = ['changed', 'missing', 'unreadable'];

export type FeatureResult =
  | { readonly outcome: 'computed'; readonly values: FeatureValues }
  | { readonly outcome: 'failed'; readonly code: FeatureCode; readonly detail: string };

/**
 * One line of a feature ledger: what was computed of the bytes with this sha256, as one JSON object
 * in UTF-8 that ends with `\n`. Unknown values are null, never absent. `at` is ISO 8601 UTC with
 * milliseconds.
 *
 * @see docs/reference/files.md, "Feature ledger line".
 */
export interface FeatureLine {
  readonly v: 1;
  readonly sha256: string;
  /** {@link FEATURE_VERSION} of the program that wrote it. */
  readonly version: number;
  readonly outcome: FeatureResult['outcome'];
  readonly code: FeatureCode | null;
  readonly detail: string | null;
  readonly values: FeatureValues | null;
  readonly lane: string;
  readonly execution: string;
  readonly dispatch: number;
  readonly attempt: number;
  readonly at: string;
}

/** A file whose features are to be computed: one line of the plan. */
export interface FeatureEntry {
  readonly sha256: string;
  /** Where files with these bytes were stored, relative to the data root. */
  readonly paths: readonly string[];
}
