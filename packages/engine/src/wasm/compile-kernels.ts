import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';
import { KERNELS_WASM } from './kernel-file.ts';

const SOURCES = new URL('./kernels/', import.meta.url);

const OPTIONS = [
  ...['-O3', '--noAssert', '--converge', '--runtime', 'stub', '--enable', 'simd', '--enable', 'bulk-memory'],
  ...['--importMemory', '--noExportMemory', '--initialMemory', '1'],
];

/**
 * Compiles `kernels/*.as` (AssemblyScript) to the bytes of a WebAssembly module that imports its memory. Same sources and
 * compiler, same bytes. Throws with the compiler's diagnostics.
 */
export async function compileKernels(): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  const files = { readFile, writeFile, listFiles: () => [] };
  const { error, stderr } = await main(['index.ts', ...OPTIONS, '--outFile', 'kernels.wasm'], files);
  if (error || !bytes) throw new Error(`The kernels do not compile: ${stderr.toString()}`, { cause: error });
  return bytes;

  /** The compiler looks for `.ts`; the sources are `.as`, because to TypeScript and its lint they are another language. */
  function readFile(name: string): string | null {
    try {
      return readFileSync(new URL(name.replace(/\.ts$/, '.as'), SOURCES), 'utf8');
    } catch {
      return null;
    }
  }
  function writeFile(_name: string, content: string | Uint8Array): void {
    if (typeof content !== 'string') bytes = content;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(KERNELS_WASM, await compileKernels());
