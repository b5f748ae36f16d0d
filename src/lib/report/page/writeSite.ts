import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { writeWholeFile } from 'yolov1/record';
import { NotebookError } from '../../errors';

/**
 * Writes the page's files and removes what an older page left in its folders. Each is replaced as a whole and only if
 * it changed, the page last: whoever opens it, at any time, finds the old page or the new one, with all it needs.
 *
 * @param files - Content by path from the folder, with forward slashes.
 * @param page - Which of them is the page.
 * @param folders - Those that are the page's own. Beside the page there may be what others put there, it stays.
 * @throws NotebookError if a file can't be written.
 */
export async function writeSite(
  folder: string,
  files: ReadonlyMap<string, string | Buffer>,
  page: string,
  folders: readonly string[],
): Promise<void> {
  try {
    for (const [path, content] of [...files].sort(([a], [b]) => Number(a === page) - Number(b === page))) {
      await writeChanged(join(folder, path), Buffer.from(content as string));
    }
    for (const sub of folders) {
      for (const name of await readdir(join(folder, sub)).catch(() => [])) {
        if (!files.has(posix.join(sub, name))) await rm(join(folder, sub, name), { recursive: true });
      }
    }
  } catch (error) {
    throw new NotebookError(
      `${folder}: cannot write the page (${error instanceof Error ? error.message : error})`,
    );
  }
}

async function writeChanged(path: string, content: Buffer): Promise<void> {
  const present = await readFile(path).catch(() => undefined);
  if (present?.equals(content)) return;
  await mkdir(dirname(path), { recursive: true });
  await writeWholeFile(path, content);
}
