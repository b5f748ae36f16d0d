import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../core/errors';
import { hashOfFile } from '../../core/hashOf';
import { run } from './program';
import { PLATFORM_TAGS, type Target, WHEEL_TAGS, type Wheel } from './wheel';

/** Fetches one wheel into an empty folder. */
export type Downloader = (
  wheel: Wheel,
  folder: string,
  progress: (megabytes: number) => void,
) => Promise<void>;

/** Name under which {@link download} leaves the wheel. */
export const WHEEL_FILE = 'wheel.whl';

/**
 * A downloader that asks pip, so that the user's index, proxy and certificates hold. Pip itself refuses a file
 * whose hash is another.
 *
 * @param python - Python 3 with pip.
 * @param target - The system that the wheels are for.
 */
export function pipDownloader(python: string, target: Target): Downloader {
  return async (wheel, folder, progress) => {
    const requirements = join(folder, 'requirements.txt');
    writeFileSync(requirements, `${wheel.name}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
    // Pip writes to its temporary folder first. Ours may be the larger disk, and shows how far it is.
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary);
    const timer = setInterval(() => progress(megabytesIn(temporary)), 1_000);
    try {
      await run(python, pipArguments(requirements, folder, target), { variables: { TMPDIR: temporary } });
    } catch (error) {
      throw new UserError(`downloading ${wheel.name} ${wheel.version} failed: ${(error as Error).message}`);
    } finally {
      clearInterval(timer);
      rmSync(temporary, { recursive: true, force: true });
      rmSync(requirements, { force: true });
    }
  };
}

function pipArguments(requirements: string, folder: string, target: Target): string[] {
  const tags = WHEEL_TAGS;
  return [
    ...['-m', 'pip', 'download', '--disable-pip-version-check', '--no-input', '--quiet', '--no-cache-dir'],
    ...['--retries', '2', '--timeout', '30', '--no-deps', '--only-binary=:all:', '--require-hashes'],
    ...['--python-version', tags.pythonVersion, '--implementation', tags.implementation, '--abi', tags.abi],
    ...PLATFORM_TAGS[target].flatMap((platform) => ['--platform', platform]),
    ...['--dest', folder, '--requirement', requirements],
  ];
}

/**
 * Fetches a wheel and checks its hash.
 *
 * @param folder - Where `wheel.whl` shall be.
 * @throws {@link UserError} if what came is not the wheel that was asked for.
 */
export async function download(
  wheel: Wheel,
  folder: string,
  downloader: Downloader,
  progress: (megabytes: number) => void,
): Promise<void> {
  await downloader(wheel, folder, progress);
  const files = readdirSync(folder);
  const [file] = files;
  if (files.length !== 1 || file === undefined) {
    throw new UserError(`downloading ${wheel.name} ${wheel.version} gave ${files.length} files, expected 1`);
  }
  const path = join(folder, file);
  const sha256 = await hashOfFile(path);
  if (sha256 !== wheel.sha256) {
    throw new UserError(
      `${file} has sha256 ${sha256}, expected ${wheel.sha256}: it was damaged or replaced on the way and is not used; run the set-up again`,
    );
  }
  renameSync(path, join(folder, WHEEL_FILE));
}

function megabytesIn(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile())
      bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes / 1e6;
}
