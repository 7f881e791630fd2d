import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse as parseYaml } from 'yaml';
import { RecipeInvalid, RecipeUnknown } from './errors.ts';
import type { RawSettings } from './settings.ts';

const RECIPES = fileURLToPath(new URL('../recipes/', import.meta.url));

/** What is trained where nobody names a recipe. */
export const DEFAULT_RECIPE = 'fashion-cnn';

/** The names of the checked-in recipes. */
export function recipeNames(): string[] {
  return readdirSync(RECIPES)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

/** The file of a recipe: a checked-in name, or the absolute path of a file. */
function recipePath(recipe: string, userPath: (path: string) => string): string {
  const names = recipeNames();
  if (names.includes(recipe)) return join(RECIPES, `${recipe}.yaml`);
  const path = userPath(recipe);
  if (/\.ya?ml$/.test(recipe)) {
    if (existsSync(path)) return path;
    throw new RecipeInvalid(path, 'no such file');
  }
  throw new RecipeUnknown(recipe, names);
}

/**
 * Reads a recipe's settings, unchecked.
 * @param recipe a checked-in name, or a path that `userPath` makes absolute
 * @throws RecipeUnknown with the nearest name; RecipeInvalid where the file is no YAML mapping
 */
export function readRecipe(recipe: string, userPath: (path: string) => string = (path) => path): RawSettings {
  const path = recipePath(recipe, userPath);
  let settings: unknown;
  try {
    settings = parseYaml(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new RecipeInvalid(path, `is not YAML: ${(cause as Error).message.split('\n')[0]}`, { cause });
  }
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    throw new RecipeInvalid(path, 'expected a mapping of settings');
  }
  return settings as RawSettings;
}
