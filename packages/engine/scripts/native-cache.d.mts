export function nativeCache(environment?: NodeJS.ProcessEnv): string;
export function distrustOfCache(folder?: string): string | undefined;
export function ownNativeCache(): string;
