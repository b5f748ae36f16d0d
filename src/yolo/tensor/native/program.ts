import { type SpawnOptions, spawn } from 'node:child_process';
import { childEnvironment } from '../../core/environment';
import { UserError } from '../../core/errors';

/** Lines of a failed program's output that are shown: the last ones that say they are errors, else the last. */
const KEPT_LINES = 4;

/**
 * Runs a program that may not be there.
 *
 * @returns What it printed on stdout, or undefined if it can't be started or exits with anything but 0.
 */
export async function program(name: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await run(name, args, {})).stdout;
  } catch {
    return undefined;
  }
}

/** A program's output. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end, with its output kept, not shown. If this process is told to end, so is the program.
 *
 * @param options - `cwd`, and `variables` to add to the environment.
 * @throws {@link UserError} with the last lines it printed if it can't be started or fails.
 */
export function run(
  name: string,
  args: readonly string[],
  options: { cwd?: string; variables?: Readonly<Record<string, string>> },
): Promise<Output> {
  const spawnOptions: SpawnOptions = {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: childEnvironment(options.variables ?? {}),
    ...(options.cwd ? { cwd: options.cwd } : {}),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, spawnOptions);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
    const stop = (signal: NodeJS.Signals) => {
      child.kill(signal);
      process.exit(signal === 'SIGINT' ? 130 : 143);
    };
    process.once('SIGINT', stop).once('SIGTERM', stop);
    const settle = () => process.off('SIGINT', stop).off('SIGTERM', stop);
    child.once('error', (error) => {
      settle();
      reject(new UserError(`cannot run ${name}: ${error.message}`));
    });
    child.once('close', (code, signal) => {
      settle();
      const output = { stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
      if (code === 0) resolve(output);
      else reject(new UserError(`${name} failed (${signal ?? `exit ${code}`}): ${lastLines(output)}`));
    });
  });
}

function lastLines({ stdout, stderr }: Output): string {
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
  // Warnings of pip, and the stack of node-gyp, name errors too.
  const errors = lines.filter((line) => /\berror\b/i.test(line) && !/^WARNING|^gyp /.test(line));
  return (errors.length > 0 ? errors : lines).slice(-KEPT_LINES).join(' | ');
}
