import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { require as requireTypeScript } from 'tsx/cjs/api';
import { counted } from '../../core/counted';
import { messageOf, UserError } from '../../core/errors';
import { DEFAULTS, type ExperimentOverrides } from './config';

/**
 * The overrides that a config file exports as its default: a small commented TypeScript file.
 *
 * ```ts
 * import type { ExperimentOverrides } from 'yolov1';
 * export default { name: 'my-run', epochs: 10 } as ExperimentOverrides;
 * ```
 *
 * The file is a program and is executed: run only what you would run yourself.
 *
 * @throws UserError if it is missing, can't be executed, or exports no object.
 */
export function readConfigFile(path: string): ExperimentOverrides {
  const value = exportOf(path);
  if (Array.isArray(value)) {
    const exported = counted(value.length, 'configuration');
    throw new UserError(`${path}: exports ${exported}; say which with --at, from 0`);
  }
  return value as ExperimentOverrides;
}

/**
 * The configurations of a file that exports a list of them (or one), or of the JSON that `yolov1 runs plan --json` prints.
 *
 * @throws UserError as {@link readConfigFile} does.
 */
export function readConfigList(path: string): ExperimentOverrides[] {
  const value = exportOf(path);
  if (!Array.isArray(value)) return [value as ExperimentOverrides];
  return value.map((entry) => (entry?.config ?? entry) as ExperimentOverrides);
}

/** The object that a config file exports. */
function exportOf(path: string): object {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    throw new UserError(
      `${path}: no such config file; expected a TypeScript file that exports its overrides`,
    );
  }
  let exported: { default?: unknown };
  const { exit } = process;
  // A process that ends here with status 0 would pass for one that trained.
  process.exit = (code) => {
    throw new Error(`it calls process.exit(${code ?? ''})`);
  };
  try {
    exported = requireTypeScript(resolve(path), __filename);
  } catch (error) {
    // A module that is not found is told with those that asked for it, which are mostly ours.
    const why = messageOf(error).replace(/ Require stack:.*$/, '');
    throw new UserError(`${path}: cannot be executed (${why}); correct the file`);
  } finally {
    process.exit = exit;
  }
  // A default export of a CommonJS module arrives one level down.
  const value =
    (exported.default as { default?: unknown } | undefined)?.default ??
    (path.endsWith('.json') ? exported : exported.default);
  if (typeof value !== 'object' || value === null) {
    throw new UserError(`${path}: exports no object; write 'export default { name: ..., ... }'`);
  }
  return value;
}

/**
 * Overrides changed by `key=value` words; a key reaches inside with dots, a value is JSON or else a text:
 * `epochs=3`, `model.inputSize=224`, `loss.kind=yolo`.
 *
 * @throws UserError for a word of another form.
 */
export function applySettings(
  overrides: ExperimentOverrides,
  settings: readonly string[],
): ExperimentOverrides {
  const changed = copyOf(overrides);
  for (const setting of settings) {
    const [, path, text] = /^([\w.]+)=(.*)$/s.exec(setting) ?? [];
    if (path === undefined) {
      throw new UserError(`--set ${setting}: expected key=value, such as epochs=3 or model.inputSize=224`);
    }
    const keys = path.split('.');
    if (keys.some((key) => key in Object.prototype)) {
      throw new UserError(`--set ${setting}: no field has this name; expected one of the configuration`);
    }
    const [first] = keys;
    // A value within a field that was left out changes its default; another kind has fields of its own.
    if (
      keys.length > 1 &&
      keys[1] !== 'kind' &&
      !Object.hasOwn(changed, first) &&
      Object.hasOwn(DEFAULTS, first)
    ) {
      changed[first] = structuredClone(DEFAULTS[first as keyof typeof DEFAULTS]);
    }
    let target = changed;
    for (const key of keys.slice(0, -1)) {
      if (!Object.hasOwn(target, key) || typeof target[key] !== 'object' || target[key] === null) {
        target[key] = {};
      }
      target = target[key] as Record<string, unknown>;
    }
    target[keys.at(-1)!] = parseValue(text);
  }
  return changed as unknown as ExperimentOverrides;
}

/** @throws UserError for what is no plain data, such as a function. */
function copyOf(overrides: ExperimentOverrides): Record<string, unknown> {
  try {
    return structuredClone(overrides) as unknown as Record<string, unknown>;
  } catch (error) {
    throw new UserError(`config: ${messageOf(error)}; expected plain data: numbers, texts, lists, objects`);
  }
}

function parseValue(text: string): unknown {
  try {
    // JSON demands a digit before the point, which people leave out.
    return JSON.parse(/^-?\.\d/.test(text) ? text.replace('.', '0.') : text);
  } catch {
    return text;
  }
}
