-- As a later release would bring it: columns of each table that staged rows enter, filled from what
-- is there where that is possible, and statements that DuckDB 1.5.6 was seen to break on.

ALTER TABLE etl_run ADD COLUMN noted_at TIMESTAMP DEFAULT current_timestamp;

ALTER TABLE catalog_reject ALTER line TYPE VARCHAR;

ALTER TABLE fact_download ADD COLUMN lane VARCHAR;

ALTER TABLE fact_download ADD COLUMN colour_count INTEGER DEFAULT 0;

-- After all that alters the table: the other way round DuckDB refuses the COMMIT.
UPDATE fact_download SET lane = split_part(ledger, '/', 4);

ALTER TABLE etl_commit ADD COLUMN note VARCHAR DEFAULT 'noted; or not';

ALTER TABLE dim_image ADD COLUMN thumb_rank INTEGER DEFAULT 7;

CREATE TABLE later (run_id VARCHAR, note VARCHAR);

INSERT INTO later BY NAME SELECT run_id, workflow_id AS note FROM etl_run;
