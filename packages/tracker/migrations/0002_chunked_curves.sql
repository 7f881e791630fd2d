CREATE TABLE `curve_chunks` (
	`id` integer PRIMARY KEY NOT NULL,
	`run_id` integer NOT NULL,
	`key_id` integer NOT NULL,
	`level` integer NOT NULL,
	`number` integer NOT NULL,
	`count` integer NOT NULL,
	`seq_last` integer NOT NULL,
	`step_min` integer NOT NULL,
	`step_max` integer NOT NULL,
	`data` blob NOT NULL,
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`key_id`) REFERENCES `metric_keys`(`id`) ON UPDATE no action ON DELETE no action
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `curve_chunks_by_place` ON `curve_chunks` (`run_id`,`key_id`,`level`,`number`);--> statement-breakpoint
CREATE TABLE `matrix_cells` (
	`prediction_id` integer NOT NULL,
	`truth` integer NOT NULL,
	`predicted` integer NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`prediction_id`, `truth`, `predicted`),
	FOREIGN KEY (`prediction_id`) REFERENCES `predictions`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `console_chunks` (
	`run_id` integer NOT NULL,
	`number` integer NOT NULL,
	`lines` text NOT NULL,
	PRIMARY KEY(`run_id`, `number`),
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
ALTER TABLE `runs` ADD `deleted_at` integer;--> statement-breakpoint
ALTER TABLE `runs` ADD `family` text;--> statement-breakpoint
CREATE INDEX `runs_by_family` ON `runs` (`family`,`id`);--> statement-breakpoint
ALTER TABLE `latest_metrics` ADD `value` real;--> statement-breakpoint
CREATE INDEX `latest_metrics_by_value` ON `latest_metrics` (`key_id`,`value`,`min`,`max`);--> statement-breakpoint
-- The rows of ended runs are brought into their new places below; then the new tables get read-only triggers.
DROP TRIGGER `latest_metrics_read_only_insert`;--> statement-breakpoint
DROP TRIGGER `latest_metrics_read_only_update`;--> statement-breakpoint
DROP TRIGGER `points_read_only_insert`;--> statement-breakpoint
DROP TRIGGER `points_read_only_update`;--> statement-breakpoint
DROP TRIGGER `points_read_only_delete`;
