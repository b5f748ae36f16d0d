import { checkArguments, listOf } from '../core/arguments';

/** A field of which configurations have different values. */
export interface ConfigDifference {
  /** Path of the field, such as `model.inputSize`. */
  field: string;
  /** Its value in each configuration, in the order given; undefined where it is null or left out. */
  values: unknown[];
}

const CONFIGS = listOf('a list of configurations', (config) => typeof config === 'object' && config !== null);

/**
 * Fields in which configurations differ, in the order of their names. A list is one value; a null says "without", like
 * a field that is not there.
 *
 * @param configs - Such as `record.config` of several runs.
 * @throws UserError for anything but configurations.
 */
export function configDifferences(configs: readonly object[]): ConfigDifference[] {
  checkArguments('configDifferences', { configs }, { configs: CONFIGS });
  const flat = configs.map((config) => leavesOf(config));
  const names = [...new Set(flat.flatMap((leaves) => [...leaves.keys()]))].sort();
  return names
    .map((field) => ({ field, values: flat.map((leaves) => leaves.get(field)) }))
    .filter(({ values }) => differ(values));
}

/** Whether values are not all the same, by what JSON keeps of them. */
export function differ(values: readonly unknown[]): boolean {
  return new Set(values.map((value) => JSON.stringify(value))).size > 1;
}

/** Leaves of a configuration by their path. */
function leavesOf(value: object, prefix = ''): Map<string, unknown> {
  return new Map(
    Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
      if (inner === null || inner === undefined) return [];
      return typeof inner === 'object' && !Array.isArray(inner)
        ? [...leavesOf(inner, `${prefix}${name}.`)]
        : [[`${prefix}${name}`, inner]];
    }),
  );
}
