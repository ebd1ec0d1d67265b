/** Names that no model may have. */

/**
 * The tables and views of a snapshot that are not models, with those that a publication adds.
 *
 * @see docs/reference/warehouse.md
 */
export const OWN_RELATIONS: ReadonlySet<string> = new Set([
  'image',
  'image_state',
  'dim_image',
  'catalog_row',
  'catalog_reject',
  'fact_download',
  'feature',
  'feature_state',
  'image_feature',
  'fact_feature',
  'etl_commit',
  'etl_run',
  'etl_run_code',
  'etl_step',
  'schema_version',
  'cluster',
  'cluster_member',
  'embedding',
  'derived_from',
  'model',
  'check_result',
]);

/** What the name of a model or a check must be, without `.sql`. */
export const MODEL_NAME = /^[a-z][a-z0-9_]*$/;
