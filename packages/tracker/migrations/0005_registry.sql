CREATE TABLE `decisions` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`dataset_digest` text NOT NULL,
	`split` text NOT NULL,
	`run_a` integer NOT NULL,
	`run_b` integer,
	`command` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `decisions_by_split` ON `decisions` (`dataset_digest`,`split`,`id`);--> statement-breakpoint
CREATE TABLE `model_versions` (
	`model_id` integer NOT NULL,
	`version` integer NOT NULL,
	`run_id` integer NOT NULL,
	`checkpoint` text,
	`dataset_digest` text,
	`files` text NOT NULL,
	`files_sha256` text NOT NULL,
	`notes` text,
	`created_at` integer NOT NULL,
	`deleted_at` integer,
	PRIMARY KEY(`model_id`, `version`),
	FOREIGN KEY (`model_id`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "model_versions_files_json" CHECK(json_valid("model_versions"."files"))
) STRICT;
--> statement-breakpoint
CREATE INDEX `model_versions_by_run` ON `model_versions` (`run_id`);--> statement-breakpoint
CREATE TABLE `models` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`last_version` integer NOT NULL,
	`created_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `models_name_unique` ON `models` (`name`);--> statement-breakpoint
CREATE TABLE `registry_events` (
	`seq` integer PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`kind` text NOT NULL,
	`model` text NOT NULL,
	`version` integer NOT NULL,
	`alias` text,
	`by_whom` text NOT NULL,
	`body` text NOT NULL,
	`evidence` text,
	`previous` text NOT NULL,
	`hash` text NOT NULL,
	FOREIGN KEY (`evidence`) REFERENCES `registry_evidence`(`sha256`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "registry_events_kind" CHECK("registry_events"."kind" IN ('registered', 'promoted', 'rolled-back', 'deleted')),
	CONSTRAINT "registry_events_body_json" CHECK(json_valid("registry_events"."body"))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `registry_events_hash_unique` ON `registry_events` (`hash`);--> statement-breakpoint
CREATE INDEX `registry_events_by_alias` ON `registry_events` (`model`,`alias`,`seq`);--> statement-breakpoint
CREATE TABLE `registry_evidence` (
	`sha256` text PRIMARY KEY NOT NULL,
	`body` text NOT NULL
) STRICT;
--> statement-breakpoint
-- The history is written once. INSERT OR REPLACE deletes without a delete trigger: the last triggers stop that too.
CREATE TRIGGER `registry_events_append_only_update` BEFORE UPDATE ON `registry_events`
BEGIN SELECT RAISE(ABORT, 'REGISTRY_APPEND_ONLY'); END;
--> statement-breakpoint
CREATE TRIGGER `registry_events_append_only_delete` BEFORE DELETE ON `registry_events`
BEGIN SELECT RAISE(ABORT, 'REGISTRY_APPEND_ONLY'); END;
--> statement-breakpoint
CREATE TRIGGER `registry_evidence_append_only_update` BEFORE UPDATE ON `registry_evidence`
BEGIN SELECT RAISE(ABORT, 'REGISTRY_APPEND_ONLY'); END;
--> statement-breakpoint
CREATE TRIGGER `registry_evidence_append_only_delete` BEFORE DELETE ON `registry_evidence`
BEGIN SELECT RAISE(ABORT, 'REGISTRY_APPEND_ONLY'); END;
--> statement-breakpoint
CREATE TRIGGER `decisions_append_only_update` BEFORE UPDATE ON `decisions`
BEGIN SELECT RAISE(ABORT, 'REGISTRY_APPEND_ONLY'); END;
--> statement-breakpoint
CREATE TRIGGER `decisions_append_only_delete` BEFORE DELETE ON `decisions`
BEGIN SELECT RAISE(ABORT, 'REGISTRY_APPEND_ONLY'); END;
--> statement-breakpoint
CREATE TRIGGER `model_versions_kept_update` BEFORE UPDATE ON `model_versions`
WHEN OLD.deleted_at IS NOT NULL OR NEW.deleted_at IS NULL
  OR OLD.model_id <> NEW.model_id OR OLD.version <> NEW.version OR OLD.run_id <> NEW.run_id
  OR OLD.checkpoint IS NOT NEW.checkpoint OR OLD.dataset_digest IS NOT NEW.dataset_digest
  OR OLD.files <> NEW.files OR OLD.files_sha256 <> NEW.files_sha256
  OR OLD.notes IS NOT NEW.notes OR OLD.created_at <> NEW.created_at
BEGIN SELECT RAISE(ABORT, 'REGISTRY_APPEND_ONLY'); END;
--> statement-breakpoint
CREATE TRIGGER `model_versions_kept_delete` BEFORE DELETE ON `model_versions`
BEGIN SELECT RAISE(ABORT, 'REGISTRY_APPEND_ONLY'); END;
--> statement-breakpoint
CREATE TRIGGER `models_kept_update` BEFORE UPDATE ON `models`
WHEN NEW.last_version < OLD.last_version OR NEW.name <> OLD.name OR NEW.id <> OLD.id
BEGIN SELECT RAISE(ABORT, 'REGISTRY_APPEND_ONLY'); END;
--> statement-breakpoint
CREATE TRIGGER `models_kept_delete` BEFORE DELETE ON `models`
BEGIN SELECT RAISE(ABORT, 'REGISTRY_APPEND_ONLY'); END;
--> statement-breakpoint
CREATE TRIGGER `registry_events_in_order` BEFORE INSERT ON `registry_events`
WHEN NEW.seq <> coalesce((SELECT max(seq) FROM registry_events), 0) + 1
BEGIN SELECT RAISE(ABORT, 'REGISTRY_OUT_OF_ORDER'); END;
--> statement-breakpoint
CREATE TRIGGER `registry_events_not_replaced` BEFORE INSERT ON `registry_events`
WHEN EXISTS (SELECT 1 FROM registry_events WHERE seq = NEW.seq OR hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'REGISTRY_APPEND_ONLY'); END;
--> statement-breakpoint
CREATE TRIGGER `registry_evidence_not_replaced` BEFORE INSERT ON `registry_evidence`
WHEN EXISTS (SELECT 1 FROM registry_evidence WHERE sha256 = NEW.sha256)
BEGIN SELECT RAISE(ABORT, 'REGISTRY_APPEND_ONLY'); END;
--> statement-breakpoint
CREATE TRIGGER `decisions_not_replaced` BEFORE INSERT ON `decisions`
WHEN EXISTS (SELECT 1 FROM decisions WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'REGISTRY_APPEND_ONLY'); END;
--> statement-breakpoint
CREATE TRIGGER `model_versions_not_replaced` BEFORE INSERT ON `model_versions`
WHEN EXISTS (SELECT 1 FROM model_versions WHERE model_id = NEW.model_id AND version = NEW.version)
BEGIN SELECT RAISE(ABORT, 'REGISTRY_APPEND_ONLY'); END;
--> statement-breakpoint
CREATE TRIGGER `models_not_replaced` BEFORE INSERT ON `models`
WHEN EXISTS (SELECT 1 FROM models WHERE id = NEW.id OR name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'REGISTRY_APPEND_ONLY'); END;
