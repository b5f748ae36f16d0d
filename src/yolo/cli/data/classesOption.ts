import { InvalidArgumentError, Option } from 'commander';
import { plainName } from '../../data/import/importClasses';

/**
 * The option `--classes <names>`, of which an action gets the list of names.
 *
 * @param description - What the command does with them, and its default.
 */
export function classesOption(description: string): Option {
  return new Option('--classes <names>', description).argParser((text) => {
    const names = text.split(',').map(plainName);
    if (!names.includes('')) return names;
    throw new InvalidArgumentError("Expected names separated by commas, such as 'cat,dog'.");
  });
}
