export function hasHeadersFor(folder: string, modules?: string): boolean;
export function npmCommand(environment?: NodeJS.ProcessEnv): [string, ...string[]];
export function findNodeHeaders(options: {
  cacheFolder: string;
  environment?: NodeJS.ProcessEnv;
}): Promise<{ nodedir: string; source: string }>;
