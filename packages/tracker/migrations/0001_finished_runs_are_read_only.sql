-- A run that has ended keeps what it was: only its tags and notes may change.
CREATE TRIGGER `runs_read_only` BEFORE UPDATE OF id, project, run_group, name, status, config, environment, engine, dataset_digest, error_code, error_message, error_step, created_at, started_at, ended_at ON `runs`
WHEN OLD.status <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `parameters_read_only_insert` BEFORE INSERT ON `parameters`
WHEN (SELECT status FROM runs WHERE id = NEW.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `parameters_read_only_update` BEFORE UPDATE ON `parameters`
WHEN (SELECT status FROM runs WHERE id = OLD.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `parameters_read_only_delete` BEFORE DELETE ON `parameters`
WHEN (SELECT status FROM runs WHERE id = OLD.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `points_read_only_insert` BEFORE INSERT ON `points`
WHEN (SELECT status FROM runs WHERE id = NEW.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `points_read_only_update` BEFORE UPDATE ON `points`
WHEN (SELECT status FROM runs WHERE id = OLD.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `points_read_only_delete` BEFORE DELETE ON `points`
WHEN (SELECT status FROM runs WHERE id = OLD.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `latest_metrics_read_only_insert` BEFORE INSERT ON `latest_metrics`
WHEN (SELECT status FROM runs WHERE id = NEW.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `latest_metrics_read_only_update` BEFORE UPDATE ON `latest_metrics`
WHEN (SELECT status FROM runs WHERE id = OLD.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `latest_metrics_read_only_delete` BEFORE DELETE ON `latest_metrics`
WHEN (SELECT status FROM runs WHERE id = OLD.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `summaries_read_only_insert` BEFORE INSERT ON `summaries`
WHEN (SELECT status FROM runs WHERE id = NEW.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `summaries_read_only_update` BEFORE UPDATE ON `summaries`
WHEN (SELECT status FROM runs WHERE id = OLD.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `summaries_read_only_delete` BEFORE DELETE ON `summaries`
WHEN (SELECT status FROM runs WHERE id = OLD.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `predictions_read_only_insert` BEFORE INSERT ON `predictions`
WHEN (SELECT status FROM runs WHERE id = NEW.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `predictions_read_only_update` BEFORE UPDATE ON `predictions`
WHEN (SELECT status FROM runs WHERE id = OLD.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `predictions_read_only_delete` BEFORE DELETE ON `predictions`
WHEN (SELECT status FROM runs WHERE id = OLD.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `artifacts_read_only_insert` BEFORE INSERT ON `artifacts`
WHEN (SELECT status FROM runs WHERE id = NEW.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `artifacts_read_only_update` BEFORE UPDATE ON `artifacts`
WHEN (SELECT status FROM runs WHERE id = OLD.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `artifacts_read_only_delete` BEFORE DELETE ON `artifacts`
WHEN (SELECT status FROM runs WHERE id = OLD.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
