ALTER TABLE later ALTER note SET DEFAULT current_timestamp;

UPDATE later SET note = 'from ' || note;

CREATE OR REPLACE VIEW image_state AS
SELECT source_image_id, collection, state, CASE WHEN state = 'failed' THEN last_error_code END AS code,
  3 AS version
FROM image;
