import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join, sep } from 'node:path';
import { NotebookError } from '../../errors';
import { buildReport, NOTEBOOKS, REPORT } from './buildReport';

/** Time between two looks at the files, milliseconds; with the build's time a change shows within a second. */
const PAUSE = 250;

/** Reloads the page when it was built anew. */
const RELOAD = "new EventSource('/changes').onmessage = () => location.reload();";

/** What is served, by the end of its name. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.woff2': 'font/woff2',
  '.webp': 'image/webp',
};

/** A watch that runs. */
export interface Watch {
  /** Where the page is served, on this machine only. */
  address: string;
  close(): Promise<void>;
}

/**
 * Builds the site whenever a notebook, a record or a part of the page changes, and serves it so that an open page
 * reloads. The files are looked at again and again rather than watched: that works on every file system and for every
 * way of saving. The page on disk is the one that a build alone gives; only the served one can reload.
 *
 * @param say - Takes a line of progress: what was built, or what is wrong, until it is mended.
 */
export async function watchReport(root: string, say: (line: string) => void): Promise<Watch> {
  const open = new Set<ServerResponse>();
  const state = { folder: '', files: new Set<string>() };

  async function build(): Promise<void> {
    const since = performance.now();
    try {
      const { path, files, warnings } = await buildReport(root);
      state.folder = dirname(path);
      state.files = new Set(files);
      for (const warning of warnings) say(`warning: ${warning}`);
      say(`built in ${((performance.now() - since) / 1000).toFixed(1)} s`);
      for (const response of open) response.write('data: built\n\n');
    } catch (error) {
      // Whatever is wrong, what is mended next builds again.
      say(error instanceof NotebookError ? error.message : `the build failed: ${(error as Error).stack}`);
    }
  }

  let seen = await filesOf(root);
  await build();
  const server = createServer(async ({ url = '', headers }, response) => {
    // Another site's page must not read this one by giving its own name this machine's address.
    if (headers.host !== hostOf(server)) return answer(response, 403, 'text/plain', 'not this host');
    if (url === '/changes') {
      response
        .writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
        .flushHeaders();
      open.add(response);
      response.on('close', () => open.delete(response));
      return;
    }
    // Only what was built is served, whatever else an address asks for.
    const asked = url.split(/[?#]/, 1)[0].slice(1);
    const path = asked === '' || asked.endsWith('/') ? `${asked}index.html` : asked;
    const type = TYPES[extname(path)];
    const data =
      type && state.files.has(path) && (await readFile(join(state.folder, path)).catch(() => undefined));
    if (!data)
      return answer(
        response,
        404,
        'text/plain',
        state.folder ? 'not found' : 'the page could not be built yet',
      );
    answer(response, 200, type, path.endsWith('.html') ? withReload(data.toString()) : data);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });

  let isClosed = false;
  const looking = (async () => {
    while (!isClosed) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      const now = await filesOf(root);
      if (now === seen || isClosed) continue;
      seen = now;
      await build();
    }
  })();

  return {
    address: `http://${hostOf(server)}/`,
    close: async () => {
      isClosed = true;
      await looking;
      for (const response of open) response.end();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function hostOf(server: Server): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function answer(response: ServerResponse, status: number, type: string, content: string | Buffer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(content);
}

/** The page with the script that reloads it, which its policy then has to allow; a page that computes may ask nobody else. */
function withReload(html: string): string {
  const hash = createHash('sha256').update(RELOAD).digest('base64');
  return html
    .replace('connect-src data:', 'connect-src &#39;self&#39; data:')
    .replace('script-src ', `script-src &#39;sha256-${hash}&#39; `)
    .replace('</head>', () => `<script>${RELOAD}</script>\n</head>`);
}

/** Names, sizes and times of all files that the page is made of, as one text to compare. */
async function filesOf(root: string): Promise<string> {
  const lists = [NOTEBOOKS, REPORT].map(async (folder) => {
    const names = await readdir(join(root, folder), { recursive: true }).catch(() => []);
    return names.filter((name) => name.split(sep)[0] !== 'site').map((name) => join(folder, name));
  });
  const names = (await Promise.all(lists)).flat().sort();
  const lines = names.map(async (name) => {
    const found = await stat(join(root, name)).catch(() => undefined);
    return found?.isFile() ? `${name} ${found.size} ${found.mtimeMs}` : '';
  });
  return (await Promise.all(lines)).join('\n');
}
