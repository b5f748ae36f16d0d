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

  // Before any text asks for them, or the page would be laid out once more as each of them arrives.
  for (const cut of ['', '600 ']) document.fonts.load(`${cut}1em "Source Serif 4"`).catch(() => {});

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

  /** Marks the part being read in the contents, and keeps it in sight there. */
  function followReading(contents) {
    const links = [...contents.querySelectorAll('a[href^="#"]')];
    const headings = links.map((link) => document.getElementById(link.hash.slice(1)));
    let current;
    let asked = false;
    const follow = () => {
      asked = false;
      const line = innerHeight / 4;
      const next = headings.findLastIndex((heading) => heading?.getBoundingClientRect().top < line);
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

  /** What is wider or longer than its place can be reached with the keyboard, to be scrolled; what is not is no stop. */
  function reachScrollers() {
    const near = new Set();
    // First all are measured, then all are marked: a change between two measurements would lay the page out again.
    const mark = () => {
      const scrollers = [...near];
      const isMore = scrollers.map((scroller) => {
        if (scroller.scrollWidth > scroller.clientWidth) return true;
        const isLong = scroller.scrollHeight > scroller.clientHeight + 1;
        return isLong && getComputedStyle(scroller).overflowY === 'auto';
      });
      for (const [index, scroller] of scrollers.entries()) {
        if (isMore[index]) scroller.tabIndex = 0;
        else scroller.removeAttribute('tabindex');
      }
    };
    // A screen ahead: no key goes further at once. What is folded comes near when it is unfolded.
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) near[isIntersecting ? 'add' : 'delete'](target);
        mark();
      },
      { rootMargin: '100% 0px' },
    );
    for (const scroller of document.querySelectorAll('[tabindex="0"]')) observer.observe(scroller);
    addEventListener('resize', mark);
    document.fonts?.ready.then(mark);
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
