// The page is whole without this script; it adds a theme switch, the place in the contents, and unfolding for print.
(() => {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  // A page opened from disk may have no storage.
  const stored = {
    get: () => {
      try {
        return localStorage.getItem('theme');
      } catch {
        return null;
      }
    },
    set: (theme) => {
      try {
        localStorage.setItem('theme', theme);
      } catch {}
    },
  };
  const isDark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : dark.matches);

  // Before anything is drawn, so that the page never flashes in the other theme.
  const theme = stored.get();
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;

  function switchTheme(button) {
    const label = () => {
      button.textContent = isDark() ? 'Light' : 'Dark';
      button.setAttribute('aria-label', `Switch to the ${isDark() ? 'light' : 'dark'} theme`);
    };
    button.addEventListener('click', () => {
      root.dataset.theme = isDark() ? 'light' : 'dark';
      stored.set(root.dataset.theme);
      label();
    });
    dark.addEventListener('change', label);
    button.hidden = false;
    label();
  }

  /** Marks the section being read in the contents, and keeps it in sight there. */
  function followReading(contents) {
    const links = [...contents.querySelectorAll('a')];
    const headings = links.map((link) => document.getElementById(link.hash.slice(1)));
    let current;
    let asked = false;
    const follow = () => {
      asked = false;
      const line = innerHeight / 4;
      const next = headings.findLastIndex((heading) => heading && heading.getBoundingClientRect().top < line);
      if (next === current) return;
      links[current]?.removeAttribute('aria-current');
      links[next]?.setAttribute('aria-current', 'true');
      current = next;
      const link = links[next];
      if (!link || contents.scrollHeight <= contents.clientHeight) return;
      const middle = link.offsetTop - contents.clientHeight / 2;
      if (getComputedStyle(contents).position === 'sticky') contents.scrollTop = middle;
    };
    addEventListener(
      'scroll',
      () => {
        if (!asked) requestAnimationFrame(follow);
        asked = true;
      },
      { passive: true },
    );
    follow();
  }

  /** What is wider or longer than its place can be scrolled with the keyboard as well. */
  function reachScrollers() {
    const scrollers = document.querySelectorAll('.scroll, p > .katex-display');
    // First all are measured, then all are marked: a change between two measurements would lay the page out again. What
    // is folded is left until it is unfolded: to measure it, the browser would have to lay it out as well.
    const mark = () => {
      const shown = [...scrollers].filter((scroller) => !scroller.closest('details:not([open])'));
      const isMore = shown.map((scroller) => {
        if (scroller.scrollWidth > scroller.clientWidth) return true;
        const isLong = scroller.scrollHeight > scroller.clientHeight + 1;
        return isLong && getComputedStyle(scroller).overflowY === 'auto';
      });
      for (const [index, scroller] of shown.entries()) {
        if (isMore[index]) scroller.tabIndex = 0;
        else scroller.removeAttribute('tabindex');
      }
    };
    addEventListener('resize', mark);
    document.addEventListener('toggle', mark, true);
    document.fonts?.ready.then(mark);
    mark();
  }

  /** Printed pages can't be unfolded. */
  function unfoldForPrint() {
    let folded = [];
    addEventListener('beforeprint', () => {
      folded = [...document.querySelectorAll('details:not([open])')];
      for (const details of folded) details.open = true;
    });
    addEventListener('afterprint', () => {
      for (const details of folded) details.open = false;
      folded = [];
    });
  }

  addEventListener('DOMContentLoaded', () => {
    switchTheme(document.querySelector('.theme'));
    followReading(document.querySelector('.contents'));
    reachScrollers();
    unfoldForPrint();
  });
})();
