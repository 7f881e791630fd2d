-- Runs after the code step of 0002, which moved the points into chunks.
DROP TABLE `points`;--> statement-breakpoint
INSERT INTO latest_metrics (run_id, key_id, seq, step, epoch, wall_time, last, min, max, count, value)
SELECT s.run_id, s.key_id, 0, 0, NULL, r.created_at, s.value, s.value, s.value, 0, s.value
FROM summaries s JOIN runs r ON r.id = s.run_id
WHERE true ON CONFLICT (run_id, key_id) DO NOTHING;
--> statement-breakpoint
UPDATE latest_metrics SET value = last;
--> statement-breakpoint
UPDATE latest_metrics SET value = s.value FROM summaries s
WHERE s.run_id = latest_metrics.run_id AND s.key_id = latest_metrics.key_id;
--> statement-breakpoint
CREATE TRIGGER `latest_metrics_read_only_insert` BEFORE INSERT ON `latest_metrics`
WHEN (SELECT status FROM runs WHERE id = NEW.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `latest_metrics_read_only_update` BEFORE UPDATE ON `latest_metrics`
WHEN (SELECT status FROM runs WHERE id = OLD.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `curve_chunks_read_only_insert` BEFORE INSERT ON `curve_chunks`
WHEN (SELECT status FROM runs WHERE id = NEW.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `curve_chunks_read_only_update` BEFORE UPDATE ON `curve_chunks`
WHEN (SELECT status FROM runs WHERE id = OLD.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `curve_chunks_read_only_delete` BEFORE DELETE ON `curve_chunks`
WHEN (SELECT status FROM runs WHERE id = OLD.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `console_chunks_read_only_insert` BEFORE INSERT ON `console_chunks`
WHEN (SELECT status FROM runs WHERE id = NEW.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `console_chunks_read_only_update` BEFORE UPDATE ON `console_chunks`
WHEN (SELECT status FROM runs WHERE id = OLD.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
--> statement-breakpoint
CREATE TRIGGER `console_chunks_read_only_delete` BEFORE DELETE ON `console_chunks`
WHEN (SELECT status FROM runs WHERE id = OLD.run_id) <> 'RUNNING'
BEGIN SELECT RAISE(ABORT, 'RUN_FINISHED'); END;
