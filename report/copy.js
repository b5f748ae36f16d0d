// Every piece of code gets a button that copies it. Without this script it is marked and copied by hand.
(() => {
  const KEYS = /Mac|iP/.test(navigator.platform) ? '⌘C' : 'Ctrl+C';
  /** How long the button says what came of it, milliseconds. */
  const PAUSE = 4000;

  /** Copies text; a browser may refuse the newer way, as for a page opened from disk, and know the older one. */
  async function copy(code) {
    try {
      await navigator.clipboard.writeText(code.textContent);
      return 'Copied';
    } catch {
      // Marked, it can be copied by hand where the older way is refused as well.
      getSelection().selectAllChildren(code);
      let done = false;
      try {
        done = document.execCommand('copy');
      } catch {}
      return done ? 'Copied' : `Marked: copy with ${KEYS}`;
    }
  }

  function offer(listing) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    button.setAttribute('aria-live', 'polite');
    let timer;
    button.addEventListener('click', async () => {
      button.textContent = await copy(listing.querySelector('code'));
      clearTimeout(timer);
      timer = setTimeout(() => {
        button.textContent = 'Copy';
      }, PAUSE);
    });
    const frame = document.createElement('div');
    frame.className = 'copyable';
    listing.replaceWith(frame);
    frame.append(button, listing);
  }

  const offerAll = (part, listings) => {
    for (const listing of part.querySelectorAll(listings)) {
      if (!listing.parentElement.matches('.copyable')) offer(listing);
    }
  };
  // Most code is folded: it gets its button when it is unfolded, and the page is ready sooner.
  addEventListener('DOMContentLoaded', () => offerAll(document, 'pre.listing:not(details:not([open]) *)'));
  document.addEventListener('toggle', ({ target }) => offerAll(target, 'pre.listing'), true);
})();
