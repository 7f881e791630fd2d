/**
 * The tables of Optuna's relational storage, schema version 12, as Optuna 5.0.0 makes them in SQLite. They have been the
 * same since its version 3.2; `alembic_version` is what `optuna storage upgrade` and every opening compare.
 */
export const REVISION = 'v3.2.0.a';
export const SCHEMA_VERSION = 12;
export const LIBRARY_VERSION = '5.0.0';

const STUDY = 'FOREIGN KEY(study_id) REFERENCES studies (study_id)';
const TRIAL = 'FOREIGN KEY(trial_id) REFERENCES trials (trial_id)';

function attributes(of: 'study' | 'trial', kind: 'user' | 'system'): string {
  return `CREATE TABLE ${of}_${kind}_attributes (${of}_${kind}_attribute_id INTEGER NOT NULL, ${of}_id INTEGER,
    "key" VARCHAR(512), value_json TEXT, PRIMARY KEY (${of}_${kind}_attribute_id), UNIQUE (${of}_id, "key"),
    ${of === 'study' ? STUDY : TRIAL})`;
}

export const TABLES: readonly string[] = [
  'CREATE TABLE studies (study_id INTEGER NOT NULL, study_name VARCHAR(512) NOT NULL, PRIMARY KEY (study_id))',
  'CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name)',
  `CREATE TABLE version_info (version_info_id INTEGER NOT NULL, schema_version INTEGER, library_version VARCHAR(256),
    PRIMARY KEY (version_info_id), CHECK (version_info_id=1))`,
  `CREATE TABLE study_directions (study_direction_id INTEGER NOT NULL, direction VARCHAR(8) NOT NULL,
    study_id INTEGER NOT NULL, objective INTEGER NOT NULL, PRIMARY KEY (study_direction_id),
    UNIQUE (study_id, objective), ${STUDY})`,
  attributes('study', 'user'),
  attributes('study', 'system'),
  `CREATE TABLE trials (trial_id INTEGER NOT NULL, number INTEGER, study_id INTEGER, state VARCHAR(8) NOT NULL,
    datetime_start DATETIME, datetime_complete DATETIME, PRIMARY KEY (trial_id), ${STUDY})`,
  'CREATE INDEX ix_trials_study_id ON trials (study_id)',
  attributes('trial', 'user'),
  attributes('trial', 'system'),
  `CREATE TABLE trial_params (param_id INTEGER NOT NULL, trial_id INTEGER, param_name VARCHAR(512), param_value FLOAT,
    distribution_json TEXT, PRIMARY KEY (param_id), UNIQUE (trial_id, param_name), ${TRIAL})`,
  `CREATE TABLE trial_values (trial_value_id INTEGER NOT NULL, trial_id INTEGER NOT NULL, objective INTEGER NOT NULL,
    value FLOAT, value_type VARCHAR(7) NOT NULL, PRIMARY KEY (trial_value_id), UNIQUE (trial_id, objective), ${TRIAL})`,
  `CREATE TABLE trial_intermediate_values (trial_intermediate_value_id INTEGER NOT NULL, trial_id INTEGER NOT NULL,
    step INTEGER NOT NULL, intermediate_value FLOAT, intermediate_value_type VARCHAR(7) NOT NULL,
    PRIMARY KEY (trial_intermediate_value_id), UNIQUE (trial_id, step), ${TRIAL})`,
  `CREATE TABLE trial_heartbeats (trial_heartbeat_id INTEGER NOT NULL, trial_id INTEGER NOT NULL,
    heartbeat DATETIME NOT NULL, PRIMARY KEY (trial_heartbeat_id), UNIQUE (trial_id), ${TRIAL})`,
  `CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))`,
];
