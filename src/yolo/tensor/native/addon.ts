import { copyFileSync, cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { patchAddon } from './addonPatch';
import type { Folders } from './folders';
import { run } from './program';
import { ADDON_FOLDER, BINDING, bindingGyp, STDERR_GATE, STDERR_GATE_SOURCE } from './recipe';
import type { Progress } from './runtime';
import { stage } from './stage';
import { findNodeHeaders } from './tools';
import type { Target } from './wheel';

/**
 * Compiles tfjs-node's addon, with what {@link patchAddon} adds, against the runtime's libraries.
 *
 * @param target - The system that it is for.
 * @param packageFolder - Installed package whose sources are compiled; nothing is written there.
 * @param python - Python 3, for node-gyp.
 * @param compiler - C++ compiler.
 */
export async function makeAddon(
  target: Target,
  packageFolder: string,
  folders: Folders,
  python: string,
  compiler: string,
  progress: Progress,
): Promise<void> {
  await stage(folders.addon, async (partial) => {
    cpSync(join(packageFolder, 'binding'), join(partial, 'binding'), { recursive: true });
    if (!patchAddon(partial)) {
      progress.say(
        'The addon of this tfjs-node is not the one known: built as it is, without fused convolutions',
      );
    }
    writeFileSync(join(partial, `${STDERR_GATE}.c`), STDERR_GATE_SOURCE);
    writeFileSync(join(partial, 'binding.gyp'), JSON.stringify(bindingGyp(target)));
    symlinkSync(join('..', basename(folders.runtime)), join(partial, 'deps'));
    const headers = findNodeHeaders();
    progress.step('Compiling the addon');
    await run(
      process.execPath,
      [
        ...[require.resolve('node-gyp/bin/node-gyp.js'), 'rebuild', `--python=${python}`],
        `--arch=${target.split('-')[1]}`,
        ...(headers ? [`--nodedir=${headers}`] : []),
      ],
      { cwd: partial, variables: { CXX: compiler } },
    );
    mkdirSync(join(partial, ADDON_FOLDER), { recursive: true });
    for (const name of [BINDING, STDERR_GATE]) {
      copyFileSync(
        join(partial, 'build', 'Release', `${name}.node`),
        join(partial, ADDON_FOLDER, `${name}.node`),
      );
    }
    for (const name of ['binding', 'binding.gyp', 'build', `${STDERR_GATE}.c`]) {
      rmSync(join(partial, name), { recursive: true });
    }
  });
}
