CREATE TABLE `artifacts` (
	`run_id` integer NOT NULL,
	`path` text NOT NULL,
	`sha256` text NOT NULL,
	`size` integer NOT NULL,
	`media_type` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`run_id`, `path`),
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `artifacts_by_content` ON `artifacts` (`sha256`);--> statement-breakpoint
CREATE TABLE `dataset_splits` (
	`digest` text NOT NULL,
	`split` text NOT NULL,
	`labels` blob NOT NULL,
	`indices` blob NOT NULL,
	PRIMARY KEY(`digest`, `split`),
	FOREIGN KEY (`digest`) REFERENCES `datasets`(`digest`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE TABLE `datasets` (
	`digest` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`class_names` text NOT NULL,
	`height` integer NOT NULL,
	`width` integer NOT NULL,
	`channels` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `latest_metrics` (
	`run_id` integer NOT NULL,
	`key_id` integer NOT NULL,
	`seq` integer NOT NULL,
	`step` integer NOT NULL,
	`epoch` real,
	`wall_time` integer NOT NULL,
	`last` real,
	`min` real,
	`max` real,
	`count` integer NOT NULL,
	PRIMARY KEY(`run_id`, `key_id`),
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`key_id`) REFERENCES `metric_keys`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `metric_keys` (
	`id` integer PRIMARY KEY NOT NULL,
	`name` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `metric_keys_name_unique` ON `metric_keys` (`name`);--> statement-breakpoint
CREATE TABLE `owners` (
	`run_id` integer PRIMARY KEY NOT NULL,
	`machine` text NOT NULL,
	`boot` text,
	`pid_namespace` text,
	`pid` integer NOT NULL,
	`process_start` text,
	`heartbeat_at` integer NOT NULL,
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE TABLE `parameters` (
	`run_id` integer NOT NULL,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`number` real,
	`text` text,
	PRIMARY KEY(`run_id`, `name`),
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `parameters_by_name` ON `parameters` (`name`,`number`);--> statement-breakpoint
CREATE TABLE `points` (
	`run_id` integer NOT NULL,
	`key_id` integer NOT NULL,
	`seq` integer NOT NULL,
	`step` integer NOT NULL,
	`epoch` real,
	`wall_time` integer NOT NULL,
	`value` real,
	PRIMARY KEY(`run_id`, `key_id`, `seq`),
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`key_id`) REFERENCES `metric_keys`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `predictions` (
	`id` integer PRIMARY KEY NOT NULL,
	`run_id` integer NOT NULL,
	`checkpoint` text NOT NULL,
	`split` text NOT NULL,
	`dataset_digest` text NOT NULL,
	`classes` integer NOT NULL,
	`count` integer NOT NULL,
	`predicted` blob NOT NULL,
	`probabilities` blob NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `predictions_by_run` ON `predictions` (`run_id`,`split`,`checkpoint`,`dataset_digest`);--> statement-breakpoint
CREATE TABLE `runs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`project` text NOT NULL,
	`run_group` text,
	`name` text NOT NULL,
	`status` text NOT NULL,
	`config` text NOT NULL,
	`environment` text NOT NULL,
	`engine` text NOT NULL,
	`dataset_digest` text,
	`tags` text NOT NULL,
	`notes` text,
	`error_code` text,
	`error_message` text,
	`error_step` integer,
	`created_at` integer NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer,
	CONSTRAINT "runs_status" CHECK("runs"."status" IN ('RUNNING', 'FINISHED', 'FAILED', 'KILLED', 'PRUNED')),
	CONSTRAINT "runs_config_json" CHECK(json_valid("runs"."config")),
	CONSTRAINT "runs_environment_json" CHECK(json_valid("runs"."environment")),
	CONSTRAINT "runs_tags_json" CHECK(json_valid("runs"."tags"))
) STRICT;
--> statement-breakpoint
CREATE INDEX `runs_by_project` ON `runs` (`project`,`id`);--> statement-breakpoint
CREATE INDEX `runs_by_status` ON `runs` (`status`,`id`);--> statement-breakpoint
CREATE INDEX `runs_by_name` ON `runs` (`name`);--> statement-breakpoint
CREATE TABLE `summaries` (
	`run_id` integer NOT NULL,
	`key_id` integer NOT NULL,
	`value` real,
	PRIMARY KEY(`run_id`, `key_id`),
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`key_id`) REFERENCES `metric_keys`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
