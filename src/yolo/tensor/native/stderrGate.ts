import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installedPackage } from './link';
import { ADDON_FOLDER, STDERR_GATE } from './recipe';

/** The addon that the set-up builds beside TensorFlow's. */
interface StderrGate {
  /** From now on, keeps what is written to file descriptor 2. */
  hold(): void;
  /** Lets it through again, and returns what was kept. */
  release(): string;
}

/**
 * Does something, and keeps the information that TensorFlow logs meanwhile off stderr. All else written there
 * comes out afterwards.
 *
 * @param load - Must not be asynchronous.
 */
export function withoutInformation<T>(load: () => T): T {
  const file = join(installedPackage().folder, ADDON_FOLDER, `${STDERR_GATE}.node`);
  if (!existsSync(file)) return load();
  const gate = require(file) as StderrGate;
  gate.hold();
  try {
    return load();
  } finally {
    process.stderr.write(withoutInformationLines(gate.release()));
  }
}

/**
 * A log without its information lines, such as `I0000 00:00:1795411507.243062    9234 port.cc:153] ...`, and
 * without the warning that logging has not been set up yet.
 *
 * @param log - Lines as Abseil writes them.
 */
export function withoutInformationLines(log: string): string {
  return log
    .split(/(?<=\n)/)
    .filter((line) => !/^I\d{4} |^WARNING: All log messages before absl::InitializeLog/.test(line))
    .join('');
}
