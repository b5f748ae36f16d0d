import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UserError } from '../../errors';
import { type Folders, NAPI_VERSION } from './folders';
import { run } from './program';
import { stage } from './stage';
import { findNodeHeaders } from './tools';

/** Name of tfjs-node's addon. */
export const ADDON = 'tfjs_binding.node';

/**
 * Compiles tfjs-node's addon against the runtime's libraries.
 *
 * The addon looks for them at `../../deps/lib` from where it lies (its binding.gyp says so), thus the link.
 *
 * @param packageFolder - Installed package whose sources are compiled; nothing is written there.
 * @param compiler - C++ compiler.
 */
export async function makeAddon(
  packageFolder: string,
  folders: Folders,
  python: string,
  compiler: string,
): Promise<void> {
  await stage(folders.addon, async (partial) => {
    for (const name of ['binding', 'binding.gyp', 'package.json']) {
      cpSync(join(packageFolder, name), join(partial, name), { recursive: true });
    }
    symlinkSync(join('..', basename(folders.runtime)), join(partial, 'deps'));
    const library = join(partial, 'lib', `napi-v${NAPI_VERSION}`);
    mkdirSync(library, { recursive: true });
    const headers = findNodeHeaders();
    await run(
      process.execPath,
      [
        ...[require.resolve('node-gyp/bin/node-gyp.js'), 'rebuild', `--python=${python}`],
        ...(headers ? [`--nodedir=${headers}`] : []),
        ...['--module_name=tfjs_binding', `--module_path=${library}`],
        ...[`--napi_version=${process.versions.napi}`, `--napi_build_version=${NAPI_VERSION}`],
      ],
      { cwd: partial, variables: { CXX: compiler } },
    );
    if (!existsSync(join(library, ADDON))) throw new UserError('node-gyp ended well but made no addon');
    for (const name of ['binding', 'binding.gyp', 'build', 'package.json']) {
      rmSync(join(partial, name), { recursive: true });
    }
  });
}
