import { installOnednn } from '../src/onednn/install.ts';

/** Builds the native library with AddressSanitizer and UndefinedBehaviorSanitizer into a home of its own. */
export async function buildSanitized(home: string, compiler: string | undefined): Promise<void> {
  await installOnednn({
    home,
    sanitize: true,
    compiler,
    root: process.env['ONEDNN_ROOT'] || undefined,
    cmakePrefixPath: process.env['CMAKE_PREFIX_PATH'],
    onProgress: (message) => console.log(`${message} ...`),
  });
}
