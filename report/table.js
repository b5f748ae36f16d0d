// Tables that are sorted by a click on a title, and lists that are filtered while one types. Without script all is there.
(() => {
  /** Cells compare by their number where they have one. */
  const sortValue = (cell) =>
    cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);

  function sortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    const body = table.tBodies[0];
    for (const [column, head] of heads.entries()) {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => {
        const isDown = head.getAttribute('aria-sort') === 'descending';
        for (const other of heads) other.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', isDown ? 'ascending' : 'descending');
        const sign = isDown ? 1 : -1;
        const rows = [...body.rows].map((row) => ({ row, value: sortValue(row.cells[column]) }));
        rows.sort((a, b) => sign * (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
        body.append(...rows.map(({ row }) => row));
      });
    }
  }

  /** Shows those of some items whose text has every word that is typed. */
  function filter(field, items, textOf, onChange = () => {}) {
    const input = field.querySelector('input');
    const status = field.querySelector('[role="status"]');
    const apply = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const shown = items.filter((item, index) => {
        const text = textOf(item, index).toLowerCase();
        item.hidden = !words.every((word) => text.includes(word));
        return !item.hidden;
      });
      status.textContent = words.length > 0 ? `${shown.length} of ${items.length}` : '';
      onChange(words);
    };
    input.addEventListener('input', apply);
    field.hidden = false;
    return (text) => {
      input.value = text;
      apply();
    };
  }

  function filterRuns() {
    const field = document.querySelector('.runs .filter');
    if (!field) return;
    const rows = [...document.querySelector('.runs .sortable').tBodies[0].rows];
    filter(field, rows, (row) => row.textContent);
  }

  /** Words around the first hit. */
  function around(text, words) {
    const at = text.toLowerCase().indexOf(words[0]);
    if (at < 0) return '';
    const from = Math.max(0, at - 60);
    return `${from > 0 ? '… ' : ''}${text.slice(from, at + 120)} …`;
  }

  function search() {
    const field = document.querySelector('.search .filter');
    if (!field) return;
    const texts = JSON.parse(document.getElementById('texts').textContent);
    const items = [...document.querySelectorAll('.search .entries li')];
    const show = filter(
      field,
      items,
      (item, index) => `${item.firstChild.textContent} ${texts[index]}`,
      (words) => {
        for (const [index, item] of items.entries()) {
          item.querySelector('p')?.remove();
          if (words.length === 0 || item.hidden) continue;
          const found = document.createElement('p');
          found.textContent = around(texts[index], words);
          if (found.textContent) item.append(found);
        }
        for (const list of document.querySelectorAll('.search ul')) {
          list.hidden = !list.querySelector('li:not([hidden])');
          list.previousElementSibling.hidden = list.hidden;
        }
      },
    );
    const asked = new URLSearchParams(location.search).get('q');
    if (asked) show(asked);
    field.querySelector('input').focus();
  }

  addEventListener('DOMContentLoaded', () => {
    for (const table of document.querySelectorAll('.sortable')) sortable(table);
    filterRuns();
    search();
    const form = document.querySelector('form.find');
    if (!form) return;
    form.hidden = false;
    form.addEventListener('submit', (event) => {
      // The page's policy lets no form send anything; a search only leads to another page.
      event.preventDefault();
      location.href = `${form.action}?q=${encodeURIComponent(form.elements.q.value)}`;
    });
  });
})();
