import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { type Ledger, slug } from './ledger';
import { errorAt, type Place } from './place';

/** What links in a notebook are resolved against. */
export interface LinkContext {
  place: Place;
  ledger: Ledger;
  /** File names of the notebooks on the page. */
  notebooks: readonly string[];
  /** Folder of the notebooks, from the project's root, with forward slashes. */
  folder: string;
  /** The project's root on disk. */
  root: string;
  /** Address of the project's root as the page links to it; ends with a slash. */
  source: string;
}

/** Name to link to of a notebook's title. */
export function titleName(notebook: string): string {
  return slug(notebook.replace(/\.ipynb$/, ''));
}

/**
 * The address that a link in a notebook's Markdown gets on the page: other notebooks and headings are on the page
 * itself, files of the project are where its source is.
 *
 * @throws NotebookError with the place for a link to a file that does not exist; links inside the page are noted in
 * the ledger and checked when the page is whole.
 */
export function resolveLink(href: string, context: LinkContext): string {
  const { place, ledger } = context;
  if (/^(?:https?|mailto):/i.test(href)) return href;
  const [path, fragment = ''] = href.split('#', 2);
  if (!path) return inPage(slug(decode(fragment, place)), place, ledger);
  if (/^[a-z][a-z0-9+.-]*:|^\//i.test(path)) {
    throw errorAt(place, `link to '${href}'; expected http, https, mailto, or a path from the notebook`);
  }
  const target = posix.normalize(posix.join(context.folder, decode(path, place)));
  const name = posix.basename(target);
  if (posix.dirname(target) === context.folder && context.notebooks.includes(name)) {
    return inPage(fragment ? slug(decode(fragment, place)) : titleName(name), place, ledger);
  }
  if (target.startsWith('..') || !existsSync(join(context.root, target))) {
    throw errorAt(place, `link to '${href}': no such file in the project`);
  }
  return `${context.source}${target.split('/').map(encodeURIComponent).join('/')}${fragment && `#${fragment}`}`;
}

function inPage(id: string, place: Place, ledger: Ledger): string {
  ledger.refer(id, place);
  return `#${id}`;
}

function decode(text: string, place: Place): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw errorAt(place, `link to '${text}', in which a % is not followed by two digits`);
  }
}
