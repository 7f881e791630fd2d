CREATE TABLE `saved_views` (
	`name` text PRIMARY KEY NOT NULL,
	`query` text NOT NULL,
	`created_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `sweep_trials` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`sweep_id` integer NOT NULL,
	`number` integer NOT NULL,
	`key` text NOT NULL,
	`seed` integer NOT NULL,
	`parameters` text NOT NULL,
	`config` text NOT NULL,
	`state` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`token` text,
	`worker` text,
	`lease_until` integer,
	`run_id` integer,
	`reused_from` integer,
	`objective_values` text,
	`error` text,
	`prune_reason` text,
	`queued_at` integer NOT NULL,
	`started_at` integer,
	`ended_at` integer,
	FOREIGN KEY (`sweep_id`) REFERENCES `sweeps`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE set null,
	CONSTRAINT "sweep_trials_parameters_json" CHECK(json_valid("sweep_trials"."parameters")),
	CONSTRAINT "sweep_trials_config_json" CHECK(json_valid("sweep_trials"."config")),
	CONSTRAINT "sweep_trials_state" CHECK("sweep_trials"."state" IN ('QUEUED', 'RUNNING', 'COMPLETE', 'PRUNED', 'FAILED'))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `sweep_trials_by_number` ON `sweep_trials` (`sweep_id`,`number`);--> statement-breakpoint
CREATE UNIQUE INDEX `sweep_trials_by_key_in_sweep` ON `sweep_trials` (`sweep_id`,`key`);--> statement-breakpoint
CREATE INDEX `sweep_trials_by_state` ON `sweep_trials` (`sweep_id`,`state`,`number`);--> statement-breakpoint
CREATE INDEX `sweep_trials_by_key` ON `sweep_trials` (`key`,`state`);--> statement-breakpoint
CREATE INDEX `sweep_trials_by_run` ON `sweep_trials` (`run_id`);--> statement-breakpoint
CREATE TABLE `sweeps` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`project` text NOT NULL,
	`status` text NOT NULL,
	`spec` text NOT NULL,
	`dataset_digest` text,
	`code_version` text NOT NULL,
	`max_attempts` integer NOT NULL,
	`stop_requested` integer DEFAULT 0 NOT NULL,
	`lead_token` text,
	`lead_owner` text,
	`lead_until` integer,
	`created_at` integer NOT NULL,
	`ended_at` integer,
	CONSTRAINT "sweeps_spec_json" CHECK(json_valid("sweeps"."spec")),
	CONSTRAINT "sweeps_status" CHECK("sweeps"."status" IN ('RUNNING', 'PAUSED', 'FINISHED', 'STOPPED'))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `sweeps_name_unique` ON `sweeps` (`name`);--> statement-breakpoint
CREATE TABLE `trial_reports` (
	`trial_id` integer NOT NULL,
	`step` integer NOT NULL,
	`value` real,
	PRIMARY KEY(`trial_id`, `step`),
	FOREIGN KEY (`trial_id`) REFERENCES `sweep_trials`(`id`) ON UPDATE no action ON DELETE cascade
) STRICT;
