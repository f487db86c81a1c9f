'use strict';
(() => {
  const batch = JSON.parse(document.getElementById('batch').textContent);
  const kWidth = 1000, kHeight = 18;  // of a chart, in its own units
  const state = { sorted: null, is_falling: false, is_from_zero: true, selected: null };

  function element(tag, properties, ...children) {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(properties || {})) {
      if (key in made) made[key] = value; else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }
  function shape(tag, attributes) {
    const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }
  function significant(value) {
    const size = Math.abs(value);
    if (size >= 1000) return Math.round(value).toLocaleString('en');
    const digits = size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
    return value.toFixed(digits).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
  }
  const command_of = (cell, seed) =>
    ['hawser sim', batch.common, cell.words, '--seed ' + seed].filter((part) => part).join(' ');
  const title_of = (cell) => batch.columns.map((name, i) => `${name}=${cell.labels[i]}`).join(', ');

  // ---- Charts -----------------------------------------------------------------------------------

  // One axis for all charts of a figure.
  const extents = batch.figures.map((figure, index) => {
    const charts = batch.cells.map((cell) => cell.charts[index]).filter((chart) => chart);
    return { least: Math.min(...charts.map((chart) => chart[0])), greatest: Math.max(...charts.map((chart) => chart[4])) };
  });

  function draw(chart, index) {
    const low = state.is_from_zero ? 0 : extents[index].least;
    const range = extents[index].greatest - low || 1;
    const x = (value) => ((value - low) / range) * kWidth;
    const svg = shape('svg', { viewBox: `0 0 ${kWidth} ${kHeight}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    const block = (name, from, to, top, height) =>
      svg.append(shape('rect', { class: name, x: x(from), width: Math.max(x(to) - x(from), 0), y: top, height }));
    const [least, lower, median, upper, greatest] = chart;
    svg.append(shape('line', { class: 'axis', x1: 0, x2: kWidth, y1: kHeight - 0.5, y2: kHeight - 0.5 }));
    block('bar', low, median, 3, kHeight - 4);
    if (greatest > least) {
      svg.append(shape('line', { class: 'reach', x1: x(least), x2: x(greatest), y1: kHeight / 2, y2: kHeight / 2 }));
      block('box', lower, upper, 5, kHeight - 10);
      // Rows of dots side by side, so that equal runs do not hide one another.
      chart.slice(5).forEach((value, i) => svg.append(shape('rect',
        { class: 'dot', x: x(value) - 5, width: 10, y: 3 + (i * 7) % (kHeight - 7), height: 2.5 })));
    }
    svg.append(shape('rect', { class: 'median', x: x(median) - 4, width: 8, y: 2, height: kHeight - 3 }));
    return svg;
  }

  function describe(chart) {
    const [least, lower, median, upper, greatest] = chart.map(significant);
    return chart[0] === chart[4] ? `all ${median}`
      : `median ${median}, half of the runs ${lower} to ${upper}, all ${least} to ${greatest}`;
  }

  // ---- The table --------------------------------------------------------------------------------

  const body = element('tbody');
  const chosen = element('code', { textContent: '' });
  const heads = [];

  function select(row, cell) {
    if (state.selected) state.selected.removeAttribute('aria-selected');
    state.selected = row;
    row.setAttribute('aria-selected', 'true');
    chosen.textContent = command_of(cell, batch.first_seed);
  }
  function row_of(cell) {
    const row = element('tr', { tabIndex: 0 },
      ...cell.labels.map((label) => element('td', { className: 'label' }, element('span', { textContent: label }))),
      ...cell.charts.map((chart, figure) => chart
        ? element('td', { className: 'figure', title: describe(chart) }, element('b', { textContent: significant(chart[2]) }), draw(chart, figure))
        : element('td', { textContent: '\u2013' })));
    if (cell.failed > 0) {
      row.classList.add('failed');
      row.firstChild.title = `${cell.failed} of its runs failed`;
    }
    row.onclick = () => select(row, cell);
    row.onkeydown = (event) => {
      if (event.key === 'Enter') select(row, cell);
    };
    return row;
  }

  // Numbers within labels count as numbers: 2 % before 10 %.
  const compare_texts = new Intl.Collator('en', { numeric: true }).compare;
  function compare(a, b) {
    if (state.sorted < batch.columns.length) return compare_texts(a.labels[state.sorted], b.labels[state.sorted]);
    const index = state.sorted - batch.columns.length;
    const median = (cell) => (cell.charts[index] ? cell.charts[index][2] : Infinity);
    return median(a) === median(b) ? 0 : median(a) - median(b);
  }
  function refresh() {
    const order = [...batch.cells];
    if (state.sorted !== null) order.sort((a, b) => compare(a, b) * (state.is_falling ? -1 : 1));
    body.replaceChildren(...order.map(row_of));
    state.selected = null;
    heads.forEach((head, i) => {
      if (i === state.sorted) head.setAttribute('aria-sort', state.is_falling ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    });
  }
  // First up, then down, then as the plan has it.
  function sort_by(column) {
    if (state.sorted !== column) Object.assign(state, { sorted: column, is_falling: false });
    else if (!state.is_falling) state.is_falling = true;
    else state.sorted = null;
    refresh();
  }
  function head_of(name, unit, class_name) {
    const index = heads.length;
    const head = element('th', { scope: 'col', className: class_name }, element('button', { type: 'button', textContent: name, onclick: () => sort_by(index) }));
    if (unit) head.append(element('span', { className: 'unit', textContent: unit }));
    heads.push(head);
    return head;
  }

  function show_head() {
    document.title = `${batch.name} \u2013 Hawser plan`;
    const fact = (name, value, class_name) => element('div', {}, element('dt', { textContent: name }), element('dd', { textContent: value, className: class_name || '' }));
    const facts = element('dl', { className: 'facts' }, fact('cells', batch.cells.length), fact('seeds each', batch.seeds),
      fact('runs', batch.finished === batch.runs ? batch.runs : `${batch.finished} of ${batch.runs}, interrupted`),
      fact('failed', batch.failed, batch.failed > 0 ? 'bad' : ''));
    if (batch.common) facts.append(fact('all with', batch.common));
    document.getElementById('head').append(element('h1', { textContent: batch.name }),
      element('div', { className: 'command' }, element('code', { textContent: batch.command })), facts);
  }
  function show_cells() {
    const names = element('tr', {}, ...batch.columns.map((name) => head_of(name, '', 'label')),
      ...batch.figures.map((figure) => head_of(figure.title, figure.unit, '')));
    const from_zero = element('input', { type: 'checkbox', checked: true });
    from_zero.onchange = () => {
      state.is_from_zero = from_zero.checked;
      refresh();
    };
    refresh();
    document.getElementById('cells').append(
      element('div', { className: 'bar' }, element('span', { textContent: 'A name sorts by its column; a row tells its command.' }),
        element('label', {}, from_zero, ' axes from zero'), chosen),
      element('div', { className: 'table' }, element('table', {}, element('thead', {}, names), body)));
  }
  function show_failures() {
    if (batch.failed === 0) return;
    const rows = batch.failures.map((failure) => {
      const cell = batch.cells[failure.cell];
      return element('tr', {}, element('td', { textContent: title_of(cell) }), element('td', { textContent: failure.seed }),
        element('td', { textContent: failure.fault }), element('td', {}, element('code', { textContent: command_of(cell, failure.seed) })));
    });
    const shown = batch.failed > rows.length ? ` (the first ${rows.length} of ${batch.failed})` : '';
    document.getElementById('failures').append(element('div', { className: 'table' }, element('table', {},
      element('caption', { textContent: 'Runs that failed' + shown }),
      element('thead', {}, element('tr', {}, ...['cell', 'seed', 'what', 'command'].map((name) => element('th', { scope: 'col', textContent: name })))),
      element('tbody', {}, ...rows))));
  }
  function show_notes() {
    document.getElementById('notes').append(element('p', {
      textContent: 'Numbers are medians over the seeds; a red edge marks cells of which runs failed. In a chart the bar reaches to the median, the box holds the middle half of the runs, ' +
        'the thin line all of them, and each small mark is a run. All charts of a column have one axis. ' +
        'Runs that lack a figure, such as a latency where nothing was delivered, are left out of it.' }));
  }

  show_head();
  show_cells();
  show_failures();
  show_notes();
  document.documentElement.setAttribute('data-drawn', String(body.rows.length));
})();
