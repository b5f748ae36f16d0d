import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { findImports, type Names, sourcesOfNames } from './imports';

/**
 * Fingerprints of the modules that code imports, by the name of their package: of our own packages (links out of
 * `node_modules`) a hash over the source files that are reached, of others the version. Files beside the code
 * count as the package `.`.
 *
 * Of an index file only the lines that give the imported names are followed, so that a change in the loss makes
 * no notebook stale that only draws boxes.
 *
 * @param code - The code, such as a notebook's code cells.
 * @param folder - Where it is executed.
 */
export function fingerprintModules(code: string, folder: string): Record<string, string> {
  const reached = new Reached();
  reached.follow(code, folder, { name: '.', folder });
  return reached.fingerprints();
}

/** A package of ours. */
interface Owner {
  readonly name: string;
  readonly folder: string;
}

class Reached {
  /** By owner: hashes of its files by their path in it, and versions of the packages it uses by their name. */
  private readonly parts = new Map<string, Map<string, string>>();
  private readonly seen = new Set<string>();

  /** Follows the imports of `code`, which lies in `folder`. */
  follow(code: string, folder: string, owner: Owner): void {
    for (const { specifier, names } of findImports(code)) {
      const file = specifier.startsWith('.') ? sourceFile(resolve(folder, specifier)) : undefined;
      if (file) this.followFile(file, names, owner);
      if (specifier.startsWith('.')) continue;
      const found = findPackage(specifier, folder);
      if (found?.entry) this.followFile(found.entry, names, found);
      else if (found) this.note(owner.name === '.' ? found.name : owner.name, found.name, found.version);
    }
  }

  fingerprints(): Record<string, string> {
    const entries = [...this.parts].map(([owner, parts]): [string, string] => {
      const version = parts.get(owner);
      return [
        owner,
        version ??
          hashOf(
            [...parts]
              .map((part) => part.join(' '))
              .sort()
              .join('\n'),
          ),
      ];
    });
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  private followFile(file: string, names: Names, owner: Owner): void {
    const code = readFileSync(file, 'utf8');
    const sources = names === 'all' ? undefined : sourcesOfNames(code, names);
    if (sources) {
      for (const source of sources) {
        const target = sourceFile(resolve(dirname(file), source.specifier));
        if (target) this.followFile(target, source.names, owner);
      }
    } else if (!this.seen.has(file)) {
      this.seen.add(file);
      this.note(owner.name, relative(owner.folder, file).split(sep).join('/'), hashOf(code));
      this.follow(code, dirname(file), owner);
    }
  }

  private note(owner: string, part: string, value: string): void {
    this.parts.set(owner, (this.parts.get(owner) ?? new Map<string, string>()).set(part, value));
  }
}

/** The source of a module without or with its extension; undefined if it is no file. */
function sourceFile(path: string): string | undefined {
  const candidates = [path, `${path}.ts`, path.replace(/\.js$/, '.ts'), `${path}.js`, join(path, 'index.ts')];
  return candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile());
}

/** A package as `folder` sees it, with the source of the module that is imported where it is one of ours. */
function findPackage(
  specifier: string,
  folder: string,
): (Owner & { version: string; entry?: string }) | undefined {
  const names = specifier.split('/');
  const name = names.splice(0, specifier.startsWith('@') ? 2 : 1).join('/');
  const subpath = names.join('/');
  for (let at = resolve(folder); ; at = dirname(at)) {
    const link = join(at, 'node_modules', name);
    if (existsSync(join(link, 'package.json'))) {
      const real = realpathSync(link);
      const { version = '', main = 'index.js' } = JSON.parse(
        readFileSync(join(real, 'package.json'), 'utf8'),
      );
      const found = { name, folder: real, version: String(version) };
      if (real.split(sep).includes('node_modules')) return found;
      // A subpath is the folder of that name, or a file that is named with its folder of built modules.
      const module = subpath === '' ? String(main) : subpath;
      const entry = sourceFile(join(real, module.replace(/^(\.\/)?dist\//, '')));
      return entry ? { ...found, entry } : found;
    }
    if (dirname(at) === at) return undefined;
  }
}

/** First 16 hexadecimal digits of SHA-256: enough against accidents, short enough for a diff. */
export function hashOf(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex').slice(0, 16);
}
