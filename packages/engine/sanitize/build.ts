import { installOnednn } from '../src/onednn/install.ts';

/** Builds the native library with AddressSanitizer and UndefinedBehaviorSanitizer. */
export async function buildSanitized(compiler: string | undefined): Promise<void> {
  await installOnednn({
    sanitize: true,
    compiler,
    root: process.env['ONEDNN_ROOT'] || undefined,
    cmakePrefixPath: process.env['CMAKE_PREFIX_PATH'],
    onProgress: (message) => console.log(`${message} ...`),
  });
}
