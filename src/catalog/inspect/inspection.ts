/** What an inspection of a catalog finds: the job of its child process, and the result. */
import { z } from 'zod';
import { CATALOG_FORMATS, ID_SOURCES } from '../../contract/run-input';
import { parseJob } from '../../processes/process-messages';

/** Either looks at a catalog of which nothing is known, or checks the input of a run against it. */
export const inspectJob = z.discriminatedUnion('kind', [
  parseJob.pick({ name: true, files: true, database: true, member: true }).extend({
    kind: z.literal('inspect'),
    /** null: the content decides. */
    format: z.enum(CATALOG_FORMATS).nullable(),
  }),
  parseJob.extend({ kind: z.literal('check') }),
]);
export type InspectJob = z.infer<typeof inspectJob>;

const urlFacts = z.object({
  /** URLs in the sample, and how many of them begin with `http://` or `https://`. */
  count: z.number(),
  absolute: z.number(),
  /** How the most of them look. */
  kind: z.enum(['image', 'page', 'other', 'unknown']),
  /** Whether a record has several. */
  isSeveral: z.boolean(),
});

const columnFacts = z.object({
  /** As `columns` names it: a column, or a path into one. */
  name: z.string(),
  /** Records with a value. */
  filled: z.number(),
  distinct: z.number(),
  /** Whether there may be more distinct values than were counted. */
  isDistinctCut: z.boolean(),
  examples: z.array(z.string()),
  urls: urlFacts.nullable(),
});
export type ColumnFacts = z.infer<typeof columnFacts>;

/** Fields of the input that the inspection would use. */
const proposal = z.object({
  columns: z.object({ id: z.string().optional(), url: z.array(z.string()) }),
  idFrom: z.enum(ID_SOURCES).optional(),
  many: z.boolean().optional(),
  integerIds: z.boolean().optional(),
  header: z.boolean().optional(),
  records: z.string().optional(),
  encoding: z.string().optional(),
  delimiter: z.string().optional(),
  quote: z.string().optional(),
  urlSeparator: z.string().optional(),
  /** Where the URLs name their hosts, and lack only the scheme. */
  baseUrl: z.string().optional(),
  /** Whether the URLs have no host, so that the user must say what is before them. */
  needsBase: z.boolean(),
});
export type Proposal = z.infer<typeof proposal>;

const recordList = z.object({ key: z.string(), records: z.number() });
export type RecordList = z.infer<typeof recordList>;

export const inspection = z.object({
  kind: z.literal('inspect'),
  format: z.enum(CATALOG_FORMATS),
  encoding: z.string(),
  packing: z.string().nullable(),
  delimiter: z.string().nullable(),
  quote: z.string().nullable(),
  escape: z.string().nullable(),
  titleRows: z.number(),
  hasHeader: z.boolean(),
  /** Records that were read, and whether these are all. */
  records: z.number(),
  isWhole: z.boolean(),
  rejected: z.number(),
  firstProblem: z.string().nullable(),
  columns: z.array(columnFacts),
  /** URLs of IIIF manifests that the catalog only references. */
  references: z.array(z.string()),
  /** Keys of a JSON file with lists of objects. */
  lists: z.array(recordList),
  /** null: no column holds URLs. */
  proposal: proposal.nullable(),
  /** URLs in the sample, and how many of them the proposal takes. */
  urls: z.number(),
  taken: z.number(),
  /** Different values in the proposed columns that are no URLs, and the first of them. */
  others: z.number(),
  firstOther: z.string().nullable(),
});
export type Inspection = z.infer<typeof inspection>;

export const catalogCheck = z.discriminatedUnion('kind', [
  /**
   * The URLs of the records that a run would take, how many of them have no scheme, and how many
   * another one than http and https. `example` is the first without a scheme, or else of another.
   */
  z.object({
    kind: z.literal('check'),
    records: z.number(),
    isWhole: z.boolean(),
    urls: z.number(),
    withoutScheme: z.number(),
    otherScheme: z.number(),
    example: z.string().nullable(),
  }),
  /** The message of a ColumnsNotFound. */
  z.object({ kind: z.literal('columnsNotFound'), message: z.string() }),
]);
export type CatalogCheck = z.infer<typeof catalogCheck>;
