DROP INDEX `latest_metrics_by_value`;--> statement-breakpoint
CREATE INDEX `latest_metrics_by_value` ON `latest_metrics` (`key_id`,`value`,`run_id`,`min`,`max`);--> statement-breakpoint
DROP INDEX `parameters_by_name`;--> statement-breakpoint
CREATE INDEX `parameters_by_value` ON `parameters` (`name`,`number`,`text`,`run_id`);--> statement-breakpoint
CREATE INDEX `runs_by_trash` ON `runs` (`deleted_at`);--> statement-breakpoint
CREATE TABLE `run_tags` (
	`tag` text NOT NULL,
	`run_id` integer NOT NULL,
	PRIMARY KEY(`tag`, `run_id`),
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `run_tags_by_run` ON `run_tags` (`run_id`);--> statement-breakpoint
INSERT INTO run_tags SELECT DISTINCT value, runs.id FROM runs, json_each(runs.tags) WHERE json_each.type = 'text';
--> statement-breakpoint
-- What runs.tags says, for queries.
CREATE TRIGGER `run_tags_insert` AFTER INSERT ON `runs`
BEGIN INSERT OR IGNORE INTO run_tags SELECT value, NEW.id FROM json_each(NEW.tags) WHERE type = 'text'; END;
--> statement-breakpoint
CREATE TRIGGER `run_tags_update` AFTER UPDATE OF tags ON `runs`
BEGIN
  DELETE FROM run_tags WHERE run_id = NEW.id;
  INSERT OR IGNORE INTO run_tags SELECT value, NEW.id FROM json_each(NEW.tags) WHERE type = 'text';
END;
