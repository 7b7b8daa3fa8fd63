-- What a job makes, in parts that are written in the transaction of the job's progress. Goes with its job.
CREATE TABLE job_output (
  job_id BYTEA NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  part BIGINT NOT NULL,
  tenant_id BYTEA NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  content BYTEA NOT NULL,
  PRIMARY KEY (job_id, part)
);
