/** The columns of `fact_feature` that this program stages, and their values in a ledger line. */
import type { FeatureLine, FeatureValues, PaletteColour } from '../../contract/features/feature';
import type { StagedColumn } from './staged-column';

type Column = StagedColumn<FeatureLine>;

/** The numbers that a line has under the name of their column. */
const NUMBERS = [
  'brightness',
  'contrast',
  'entropy',
  'sharpness',
  'colourfulness',
  'grey',
  'transparent',
  'border',
] as const satisfies readonly (keyof FeatureValues)[];

/**
 * The 256 bits of a PDQ hash are four columns of 64 bits, so that DuckDB can count different bits.
 */
const PDQ_PARTS = [0, 1, 2, 3] as const;
const PART_DIGITS = 16;

/** Their order is irrelevant: rows are inserted by name. */
export const FEATURE_COLUMNS: readonly Column[] = [
  { name: 'run_id', type: 'VARCHAR', valueOf: ({ runId }) => runId },
  { name: 'sha256', type: 'VARCHAR', valueOf: ({ line }) => line.sha256 },
  { name: 'version', type: 'INTEGER', valueOf: ({ line }) => line.version },
  { name: 'outcome', type: 'VARCHAR', valueOf: ({ line }) => line.outcome },
  { name: 'code', type: 'VARCHAR', valueOf: ({ line }) => line.code },
  { name: 'detail', type: 'VARCHAR', valueOf: ({ line }) => line.detail },
  { name: 'phash', type: 'BITS', valueOf: ({ line }) => signedBits(line.values?.phash) },
  ...PDQ_PARTS.map((part): Column => ({
    name: `pdq_${part}`,
    type: 'BITS',
    valueOf: ({ line }) =>
      signedBits(line.values?.pdq.slice(part * PART_DIGITS, (part + 1) * PART_DIGITS)),
  })),
  { name: 'pdq_quality', type: 'INTEGER', valueOf: ({ line }) => line.values?.pdqQuality },
  ...NUMBERS.map((name): Column => ({
    name,
    type: 'FLOAT',
    valueOf: ({ line }) => line.values?.[name].toString(),
  })),
  { name: 'palette', type: 'PALETTE', valueOf: ({ line }) => paletteText(line.values?.palette) },
  { name: 'colour', type: 'VARCHAR', valueOf: ({ line }) => line.values?.colour },
  { name: 'placeholder', type: 'BASE64', valueOf: ({ line }) => line.values?.placeholder },
  { name: 'look', type: 'BASE64', valueOf: ({ line }) => line.values?.look },
  { name: 'taken_at', type: 'TIMESTAMP', valueOf: ({ line }) => asUtc(line.values?.takenAt) },
  { name: 'metadata', type: 'VARCHAR', valueOf: ({ line }) => jsonText(line.values?.metadata) },
  { name: 'lane', type: 'VARCHAR', valueOf: ({ line }) => line.lane },
  { name: 'ledger', type: 'VARCHAR', valueOf: ({ ledger }) => ledger },
  { name: 'line', type: 'BIGINT', valueOf: ({ number }) => number },
  { name: 'execution', type: 'VARCHAR', valueOf: ({ line }) => line.execution },
  { name: 'dispatch', type: 'BIGINT', valueOf: ({ line }) => line.dispatch },
  { name: 'attempt', type: 'INTEGER', valueOf: ({ line }) => line.attempt },
  { name: 'recorded_at', type: 'TIMESTAMP', valueOf: ({ line }) => line.at },
];

/** The camera's clock as it is: without this letter it would be that of the worker's time zone. */
function asUtc(takenAt: string | null | undefined): string | undefined {
  return typeof takenAt === 'string' ? `${takenAt}Z` : undefined;
}

function jsonText(value: object | null | undefined): string | undefined {
  return value === null || value === undefined ? undefined : JSON.stringify(value);
}

/** 64 bits as the number with these bits that a BIGINT has, in decimal. */
function signedBits(hex: string | undefined): string | undefined {
  return hex === undefined ? undefined : BigInt.asIntN(64, BigInt(`0x${hex}`)).toString();
}

function paletteText(palette: readonly PaletteColour[] | undefined): string | undefined {
  if (palette === undefined) return undefined;
  const structs = palette.map(
    ({ l, a, b, share }) => `{'l': ${l}, 'a': ${a}, 'b': ${b}, 'share': ${share}}`,
  );
  return `[${structs.join(', ')}]`;
}
