'use strict';
(() => {
  const run = JSON.parse(document.getElementById('run').textContent);
  const kLeft = 64, kRight = 26, kTop = 8;
  const kDigits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const kCodes = Object.fromEntries([...kDigits].map((digit, value) => [digit, value]));
  const kCodeMax = (1 << 18) - 1, kTimeMax = (1 << 24) - 1;
  const kFew = 10;  // samples that are points instead of a curve
  const kRowsShown = 8;
  const duration = Math.max(run.duration_ns / 1e9, 1e-6);

  // ---- Data -------------------------------------------------------------------------------------

  // Buckets of equal length as arrays; NaN (count 0) where there is no sample.
  // kind: 'extent' (least, greatest, mean), 'marks' (least, greatest, count) or 'total'.
  function decode(series, kind, unit) {
    if (series.samples !== undefined) return decode_samples(series, unit);
    const least = [], greatest = [], third = [];
    const text = series.data;
    let at = 0;
    const code = () => {
      const value = kCodes[text[at]] << 12 | kCodes[text[at + 1]] << 6 | kCodes[text[at + 2]];
      at += 3;
      return value;
    };
    const number = () => (series.low + code() * (series.high - series.low) / kCodeMax) * unit;
    const is_next = (sign) => text[at] === sign && ++at > 0;
    const add_empty = (count) => {
      for (let i = 0; i < count; ++i) {
        least.push(NaN);
        greatest.push(NaN);
        third.push(kind === 'extent' ? NaN : 0);
      }
    };
    while (at < text.length) {
      if (is_next('~')) {
        add_empty(1);
      } else if (is_next('=')) {
        add_empty(code());
      } else if (is_next('!')) {
        const value = number();
        least.push(value);
        greatest.push(value);
        third.push(kind === 'marks' ? 1 : value);
      } else if (kind === 'total') {
        third.push(number());
      } else {
        least.push(number());
        greatest.push(number());
        third.push(kind === 'marks' ? code() : number());
      }
    }
    const step = series.bucket_ns / 1e9;
    // What is still queued at the end of the run is carried after it.
    if (kind === 'total') third.length = Math.min(third.length, Math.ceil(duration / step));
    return { kind, step, least, greatest, third, length: third.length };
  }

  // Few events, each with its own time.
  function decode_samples(series, unit) {
    const times = [], values = [];
    const text = series.samples;
    const code = (from, digits) => {
      let value = 0;
      for (let i = from; i < from + digits; ++i) value = value * 64 + kCodes[text[i]];
      return value;
    };
    for (let at = 0; at < text.length; at += 7) {
      times.push(code(at, 4) / kTimeMax * series.last_ns / 1e9);
      values.push((series.low + code(at + 4, 3) * (series.high - series.low) / kCodeMax) * unit);
    }
    return { kind: 'samples', times, values, length: times.length };
  }
  // The indices of those from one time to another.
  function between(data, from, to) {
    const found = [];
    for (let i = 0; i < data.length; ++i) if (data.times[i] >= from && data.times[i] <= to) found.push(i);
    return found;
  }

  // ---- Small tools ------------------------------------------------------------------------------

  function element(tag, properties, ...children) {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(properties || {})) {
      if (key in made) made[key] = value; else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const colour = (index) => css('--c' + index % 8);

  function significant(value) {
    const size = Math.abs(value);
    if (size >= 1000) return Math.round(value).toLocaleString('en');
    const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    return value.toFixed(digits).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
  }
  function seconds(value, span) {
    if (span >= 20) return value.toFixed(1) + ' s';
    if (span >= 2) return value.toFixed(2) + ' s';
    if (span >= 0.2) return value.toFixed(3) + ' s';
    return (value * 1e3).toFixed(span >= 0.002 ? 2 : 4) + ' ms';
  }
  function ticks(low, high, wanted) {
    const rough = (high - low) / Math.max(wanted, 1);
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough * 0.999);
    const list = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; ++i) list.push(i * step);
    return list;
  }
  // As many of each power of ten as have `room` pixels each.
  function log_ticks(low, high, pixels, room) {
    const decade = pixels / Math.log10(high / low);
    const is_roomy = (factors) => [...factors, 10].every((factor, i) =>
      i === 0 || decade * Math.log10(factor / factors[i - 1]) >= room);
    const factors = [[1, 1.5, 2, 3, 4, 5, 6, 8], [1, 2, 3, 5], [1, 2, 5], [1, 3]].find(is_roomy) || [1];
    const list = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); ++power) {
      for (const factor of factors) {
        const value = factor * 10 ** power;
        if (value >= low && value <= high) list.push(value);
      }
    }
    return list;
  }
  function duration_text(ns) {
    if (ns < 1e3) return significant(ns) + ' ns';
    if (ns < 1e6) return significant(ns / 1e3) + ' \u00b5s';
    if (ns < 1e9) return significant(ns / 1e6) + ' ms';
    return significant(ns / 1e9) + ' s';
  }

  // ---- Head and tables --------------------------------------------------------------------------

  function show_head() {
    document.title = run.title + ' \u2013 Hawser';
    const copy = element('button', { type: 'button', textContent: 'Copy' });
    copy.onclick = () => {
      if (!navigator.clipboard) return;
      navigator.clipboard.writeText(run.command).then(() => { copy.textContent = 'Copied'; }, () => {});
    };
    const facts = element('dl', { className: 'facts' });
    for (const [name, value] of run.facts) {
      facts.append(element('div', {}, element('dt', { textContent: name }), element('dd', { textContent: value })));
    }
    document.getElementById('head').append(
      element('h1', { textContent: run.title }),
      element('div', { className: 'command' }, element('code', { textContent: run.command }), copy), facts);
    for (const note of run.notes) document.getElementById('notes').append(element('p', { textContent: note }));
  }

  function show_tables() {
    for (const table of run.tables) {
      const head = element('tr', {});
      for (const column of table.columns) head.append(element('th', { scope: 'col', textContent: column }));
      const body = element('tbody', {});
      const is_long = table.rows.length > kRowsShown + 2;
      table.rows.forEach((row, number) => {
        const line = element('tr', { hidden: is_long && number >= kRowsShown });
        row.forEach((cell, column) => {
          const place = element('td', {});
          const index = run.flows.findIndex((flow) => flow.name === cell);
          if (column === 0 && index >= 0) {
            place.append(element('span', { className: 'chip', style: `background:var(--c${index % 8})` }));
          }
          place.append(cell);
          line.append(place);
        });
        body.append(line);
      });
      const caption = element('caption', { textContent: table.caption + ' ' });
      if (is_long) {
        const more = element('button', { type: 'button', textContent: `Show all ${table.rows.length}` });
        more.onclick = () => {
          for (const line of body.rows) line.hidden = false;
          more.remove();
        };
        caption.append(more);
      }
      document.getElementById('tables').append(element('div', { className: 'table' },
        element('table', {}, caption, element('thead', {}, head), body)));
    }
  }

  // ---- Charts over time -------------------------------------------------------------------------

  const view = { from: 0, to: duration, cursor: null, drag: null };
  const charts = [];
  let bar;

  // One chart: its lines, its canvases, its legend. A line is {name, data, colour, keys, ...}: it is
  // hidden where one of its keys is off. Each line has its place in the legend, but those that say
  // the same of many flows share one.
  class Chart {
    constructor(title, unit, height, lines, options) {
      Object.assign(this, { title, unit, height, lines, range: null, off: new Set() }, options);
      this.rug_rows = lines.reduce((rows, line) => line.is_rug ? Math.max(rows, line.row + 1) : rows, 0);
      this.has_values = lines.some((line) => !line.is_rug);
      if (!this.has_values) this.height = 34 + 9 * this.rug_rows;
      this.base = element('canvas', {});
      this.over = element('canvas', {});
      this.plot = element('div', { className: 'plot', tabIndex: 0, role: 'img' }, this.base, this.over);
      this.legend = element('ul', { className: 'legend' });
      this.node = element('article', { className: 'chart' },
        element('div', { className: 'top' },
          element('h2', {}, title + ' ', element('span', { className: 'unit', textContent: unit })), this.legend),
        this.plot);
      this.plot.setAttribute('aria-label',
        `${title} (${unit}) over ${seconds(duration, duration)}: ${lines.map((line) => line.name).join(', ')}.`);
      for (const line of lines) this.add_to_legend(line);
      listen(this);
    }
    add_to_legend(line) {
      const key = line.shares ? line.shares : line.keys[0];
      const known = this.legend.querySelector(`[data-key="${CSS.escape(key)}"]`);
      if (known) return;
      if (line.off) this.off.add(key);
      const sign = line.sign ? element('i', { className: 'mark', textContent: line.sign })
        : element('i', { className: line.draw === 'area' ? 'area' : line.dash ? 'dash' : '' });
      const is_plain = line.shares && !line.sign;
      sign.style.color = sign.style.borderColor = `var(${is_plain ? '--soft' : line.colour})`;
      const toggle = element('button', { type: 'button' }, sign, (line.shares || line.name) + ' ');
      if (!line.shares) toggle.append(line.read_out = element('b', {}));
      toggle.dataset.key = key;
      toggle.setAttribute('aria-pressed', String(!this.off.has(key)));
      toggle.onclick = () => {
        if (!this.off.delete(key)) this.off.add(key);
        toggle.setAttribute('aria-pressed', String(!this.off.has(key)));
        this.draw();
        this.draw_over();
      };
      this.legend.append(element('li', {}, toggle));
    }
    is_hidden(line) { return line.keys.some((key) => this.off.has(key)); }
    x(time) { return kLeft + (time - view.from) / (view.to - view.from) * (this.width - kLeft - kRight); }
    time(x) { return view.from + (x - kLeft) / (this.width - kLeft - kRight) * (view.to - view.from); }
    y(value) {
      const { low, high } = this.range;
      const share = this.is_log ? Math.log(high / Math.max(value, low)) / Math.log(high / low) : (high - value) / (high - low);
      return this.top() + share * (this.height - this.top() - this.bottom());
    }
    top() { return kTop + 9 * this.rug_rows; }
    bottom() { return 20; }
    context(canvas) {
      const scale = window.devicePixelRatio || 1;
      const wide = Math.round(this.width * scale), high = Math.round(this.height * scale);
      if (canvas.width !== wide || canvas.height !== high) {
        canvas.width = wide;
        canvas.height = high;
        canvas.style.height = this.height + 'px';
      }
      const context = canvas.getContext('2d');
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, this.width, this.height);
      return context;
    }

    // The values in view, so that zooming in time zooms in value too.
    find_range() {
      let low = Infinity, high = -Infinity;
      for (const line of this.lines) {
        if (line.is_rug || this.is_hidden(line)) continue;
        const data = this.shown(line);
        if (data.kind === 'samples') {
          for (const i of between(data, view.from, view.to)) {
            low = Math.min(low, data.values[i]);
            high = Math.max(high, data.values[i]);
          }
          continue;
        }
        const first = Math.max(0, Math.floor(view.from / data.step));
        const last = Math.min(data.length - 1, Math.ceil(view.to / data.step));
        for (let i = first; i <= last; ++i) {
          if (data.kind === 'total') {
            high = Math.max(high, data.third[i]);
            low = Math.min(low, 0);
          } else if (data.least[i] === data.least[i]) {
            low = Math.min(low, data.least[i]);
            high = Math.max(high, data.greatest[i]);
          }
        }
      }
      if (low > high) return this.is_log ? { low: 1, high: 10 } : { low: 0, high: 1 };
      if (this.is_log) return { low: Math.max(low, high / 1e6) * 0.9, high: high * 1.15 };
      const is_narrow = this.floats && low > 0.6 * high;
      const room = (high - low) * 0.06;
      if (!is_narrow) return { low: Math.min(0, low), high: high > 0 ? high * 1.06 : 1 };
      return { low: low - room - high * 0.005, high: high + room + high * 0.005 };
    }

    // Totals become rates, over steps that are wide enough to be read.
    shown(line) {
      if (line.data.kind !== 'total') return line.data;
      const bins = Math.max(40, Math.min(120, Math.round((this.width - kLeft - kRight) / 9)));
      const joined = Math.max(1, Math.ceil((view.to - view.from) / bins / line.data.step));
      if (line.joined === joined) return line.rates;
      const step = joined * line.data.step;
      const whole = Math.ceil(duration / line.data.step);
      const third = [];
      for (let i = 0; i < line.data.length; i += joined) {
        let sum = 0;
        for (let k = i; k < Math.min(i + joined, line.data.length); ++k) sum += line.data.third[k];
        third.push(sum / ((Math.min(i + joined, whole) - i) * line.data.step));
      }
      line.joined = joined;
      line.rates = { kind: 'total', step, third, length: third.length };
      return line.rates;
    }

    draw() {
      this.width = this.plot.clientWidth;
      if (this.width < kLeft + kRight + 20) return;
      const context = this.context(this.base);
      this.range = this.find_range();
      this.draw_axes(context);
      context.save();
      context.beginPath();
      context.rect(kLeft, 0, this.width - kLeft - kRight, this.height - this.bottom() + 1);
      context.clip();
      this.draw_run_marks(context);
      for (const line of this.lines) {
        if (this.is_hidden(line)) continue;
        context.strokeStyle = context.fillStyle = css(line.colour);
        context.lineWidth = line.thin ? 1.1 : 1.7;
        context.lineJoin = 'round';
        context.setLineDash(line.dash ? [5, 4] : []);
        if (line.is_rug) this.draw_rug(context, line);
        else if (line.draw === 'marks') this.draw_marks(context, line);
        else this.draw_line(context, line);
      }
      context.restore();
    }

    draw_axes(context) {
      context.font = '11.5px system-ui, sans-serif';
      context.fillStyle = css('--soft');
      context.strokeStyle = css('--grid');
      context.lineWidth = 1;
      context.textAlign = 'right';
      context.textBaseline = 'middle';
      const wanted = Math.max(2, Math.round(this.height / 36));
      const inner = this.height - this.top() - this.bottom();
      const values = this.is_log ? log_ticks(this.range.low, this.range.high, inner, 15) : ticks(this.range.low, this.range.high, wanted);
      for (const value of this.has_values ? values : []) {
        const y = Math.round(this.y(value)) + 0.5;
        context.beginPath();
        context.moveTo(kLeft, y);
        context.lineTo(this.width - kRight, y);
        context.stroke();
        context.fillText(significant(value), kLeft - 8, y);
      }
      context.textAlign = 'center';
      context.textBaseline = 'top';
      const span = view.to - view.from;
      const unit = span < 0.2 ? 1e3 : 1;
      const marks = ticks(view.from * unit, view.to * unit, Math.max(2, Math.round(this.width / 110)));
      const step = marks.length > 1 ? marks[1] - marks[0] : 1;
      const digits = [0, 1, 2, 3, 4, 5].find((count) => Math.abs(step - step.toFixed(count)) < 1e-9 * step) ?? 6;
      for (const mark of marks) {
        const x = Math.round(this.x(mark / unit)) + 0.5;
        context.beginPath();
        context.moveTo(x, this.top());
        context.lineTo(x, this.height - this.bottom());
        context.stroke();
        context.fillText(mark.toFixed(digits) + (unit === 1 ? ' s' : ' ms'), x, this.height - this.bottom() + 5);
      }
    }

    // What was done to the path; named in the first chart.
    draw_run_marks(context) {
      const is_first = charts.indexOf(this) === 0;
      context.font = '11px system-ui, sans-serif';
      context.textAlign = 'left';
      context.textBaseline = 'top';
      let taken = -Infinity;
      for (const [at, until, what] of run.marks) {
        const from = this.x(at / 1e9), to = this.x(until / 1e9);
        context.fillStyle = css('--shade');
        context.fillRect(from, 0, to - from, this.height);
        context.strokeStyle = context.fillStyle = css('--soft');
        context.lineWidth = 1;
        context.setLineDash([2, 3]);
        context.beginPath();
        for (const x of until > at ? [from, to] : [from]) {
          context.moveTo(Math.round(x) + 0.5, 0);
          context.lineTo(Math.round(x) + 0.5, this.height);
        }
        context.stroke();
        if (!is_first || from < taken) continue;
        context.fillText(what, from + 4, 1);
        taken = from + 10 + context.measureText(what).width;
      }
    }

    // Steps through the means, and behind them the extent from least to greatest.
    draw_line(context, line) {
      const data = this.shown(line);
      const first = Math.max(0, Math.floor(view.from / data.step) - 1);
      const last = Math.min(data.length - 1, Math.ceil(view.to / data.step));
      const path = [];
      let y = null;
      for (let i = this.before(data, first); i <= last; ++i) {
        const has = data.third[i] === data.third[i];
        if (!has && y === null) continue;
        if (has) y = this.y(data.third[i]);
        path.push([this.x(i * data.step), this.x(Math.min((i + 1) * data.step, duration)), y]);
      }
      if (path.length === 0) return;
      if (line.is_points && this.is_sparse(line)) return this.draw_points(context, data, first, last);
      if (data.kind === 'extent') {
        context.globalAlpha = 0.3;
        for (let i = first; i <= last; ++i) {
          if (data.least[i] !== data.least[i]) continue;
          const top = this.y(data.greatest[i]), bottom = this.y(data.least[i]);
          const x = this.x(i * data.step);
          if (bottom - top > 0.5) context.fillRect(x, top, Math.max(1, this.x((i + 1) * data.step) - x), bottom - top);
        }
        context.globalAlpha = 1;
      }
      context.beginPath();
      context.moveTo(path[0][0], path[0][2]);
      for (const [from, to, height] of path) {
        context.lineTo(from, height);
        context.lineTo(to, height);
      }
      if (line.draw !== 'area') return void context.stroke();
      context.globalAlpha = 0.9;
      context.lineWidth = 1;
      context.stroke();
      context.lineTo(path[path.length - 1][1], this.y(Math.max(0, this.range.low)));
      context.lineTo(path[0][0], this.y(Math.max(0, this.range.low)));
      context.globalAlpha = 0.2;
      context.fill();
      context.globalAlpha = 1;
    }
    is_sparse(line) { return line.data.third.filter((value) => value === value).length < kFew; }
    draw_points(context, data, first, last) {
      for (let i = first; i <= last; ++i) {
        if (data.third[i] !== data.third[i]) continue;
        context.beginPath();
        context.arc(this.x((i + 0.5) * data.step), this.y(data.third[i]), 3, 0, 7);
        context.fill();
      }
    }
    // The last bucket with a value at or before `index`: its value still holds.
    before(data, index) {
      for (let i = Math.min(index, data.length - 1); i >= 0; --i) if (data.third[i] === data.third[i]) return i;
      return Math.max(0, index);
    }

    draw_marks(context, line) {
      const data = line.data;
      context.lineWidth = 1.5;
      if (data.kind === 'samples') {
        const shown = between(data, view.from, view.to);
        for (const i of shown) this.sign(context, line, this.x(data.times[i]), this.y(data.values[i]), this.size_of(shown.length));
        return;
      }
      const first = Math.max(0, Math.floor(view.from / data.step));
      const last = Math.min(data.length - 1, Math.ceil(view.to / data.step));
      let count = 0;
      for (let i = first; i <= last; ++i) if (data.third[i] > 0) ++count;
      const size = this.size_of(count);
      for (let i = first; i <= last; ++i) {
        if (data.third[i] === 0) continue;
        if (line.is_path) {
          this.draw_packets(context, data, i, count < 150 ? 3 : 1.6);
          continue;
        }
        const x = this.x((i + 0.5) * data.step);
        const top = this.y(data.greatest[i]), bottom = this.y(data.least[i]);
        for (const y of bottom - top > 2 * size ? [top, bottom] : [(top + bottom) / 2]) this.sign(context, line, x, y, size);
        if (bottom - top > 2 * size) context.fillRect(x - 0.5, top, 1, bottom - top);
      }
    }
    size_of(count) { return count < 150 ? 3.5 : count < 600 ? 2.5 : 1.8; }
    // The packets of a bucket, evenly over its time where that has room: when within it each of
    // them left is not known.
    draw_packets(context, data, index, size) {
      const from = this.x(index * data.step), wide = this.x((index + 1) * data.step) - from;
      const count = data.third[index];
      const low = data.least[index], high = data.greatest[index];
      if (count * size > wide) {
        const top = this.y(high), bottom = this.y(low);
        const shown = Math.max(size, wide);
        if (wide < 4) return context.fillRect(from + (wide - shown) / 2, top - size / 2, shown, bottom - top + size);
        context.lineWidth = size;
        context.beginPath();
        context.moveTo(from, bottom);
        context.lineTo(from + wide, top);
        return context.stroke();
      }
      for (let i = 0; i < count; ++i) {
        const number = count > 1 ? low + (high - low) * i / (count - 1) : low;
        context.fillRect(from + wide * (i + 0.5) / count - size / 2, this.y(number) - size / 2, size, size);
      }
    }
    // Forms differ as well as colours.
    sign(context, line, x, y, size) {
      context.beginPath();
      if (line.sign === '\u00d7') {
        context.moveTo(x - size, y - size);
        context.lineTo(x + size, y + size);
        context.moveTo(x - size, y + size);
        context.lineTo(x + size, y - size);
        context.stroke();
      } else if (line.sign === '\u25cb') {
        context.arc(x, y, size + 1, 0, 7);
        context.stroke();
      } else {
        context.arc(x, y, size * 0.8, 0, 7);
        context.fill();
      }
    }
    // Events as strokes along the upper edge, darker where there are more.
    draw_rug(context, line) {
      const data = line.data;
      if (data.kind === 'samples') return this.draw_rug_samples(context, line);
      let most = 1;
      for (const count of data.third) most = Math.max(most, count);
      for (let i = 0; i < data.length; ++i) {
        if (data.third[i] === 0) continue;
        context.globalAlpha = 0.45 + 0.55 * data.third[i] / most;
        const x = this.x(i * data.step);
        context.fillRect(x, 2 + line.row * 9, Math.max(1.5, this.x((i + 1) * data.step) - x), 7);
      }
      context.globalAlpha = 1;
    }

    draw_rug_samples(context, line) {
      const shown = between(line.data, view.from, view.to);
      const wide = shown.length < 150 ? 3 : 1.5;
      context.globalAlpha = shown.length < 150 ? 0.9 : 0.55;
      for (const i of shown) context.fillRect(this.x(line.data.times[i]) - wide / 2, 2 + line.row * 9, wide, 7);
      context.globalAlpha = 1;
    }

    draw_over() {
      const context = this.context(this.over);
      if (view.drag) {
        const [from, to] = [view.drag.from, view.drag.to].sort((a, b) => a - b).map((time) => this.x(time));
        context.fillStyle = css('--shade');
        context.fillRect(from, 0, to - from, this.height - this.bottom());
      }
      if (view.cursor !== null) {
        const x = Math.round(this.x(view.cursor)) + 0.5;
        context.strokeStyle = css('--soft');
        context.setLineDash([3, 3]);
        context.beginPath();
        context.moveTo(x, 0);
        context.lineTo(x, this.height - this.bottom());
        context.stroke();
      }
      for (const line of this.lines) {
        if (line.read_out) line.read_out.textContent = view.cursor === null ? '' : this.value_at(line);
      }
    }
    value_at(line) {
      const data = this.shown(line);
      if (data.kind === 'samples') {
        const reach = 3 * (view.to - view.from) / this.width;
        return String(between(data, view.cursor - reach, view.cursor + reach).length);
      }
      const index = Math.floor(view.cursor / data.step);
      if (index >= data.length && data.kind !== 'extent') return '0';
      if (data.kind === 'marks') {
        if (!line.is_path) return String(data.third[index]);
        return data.third[index] ? '#' + Math.round(data.greatest[index]) : '\u2013';
      }
      const value = data.third[this.before(data, index)];
      if (value !== value || value === undefined) return '\u2013';
      const text = significant(value);
      const is_spread = data.kind === 'extent' && data.greatest[index] - data.least[index] > 0.02 * value;
      return is_spread ? `${text} (${significant(data.least[index])}\u2013${significant(data.greatest[index])})` : text;
    }
  }

  function listen(chart) {
    const time_of = (event) => {
      const x = event.clientX - chart.plot.getBoundingClientRect().left;
      return Math.min(view.to, Math.max(view.from, chart.time(x)));
    };
    chart.plot.addEventListener('pointermove', (event) => {
      view.cursor = time_of(event);
      if (view.drag) view.drag.to = view.cursor;
      refresh_over();
    });
    chart.plot.addEventListener('pointerleave', () => {
      if (view.drag) return;
      view.cursor = null;
      refresh_over();
    });
    chart.plot.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || event.pointerType === 'touch') return;
      chart.plot.setPointerCapture(event.pointerId);
      view.drag = { from: time_of(event), to: time_of(event) };
    });
    chart.plot.addEventListener('pointerup', () => {
      if (!view.drag) return;
      const [from, to] = [view.drag.from, view.drag.to].sort((a, b) => a - b);
      view.drag = null;
      if (chart.x(to) - chart.x(from) > 5) zoom(from, to); else refresh_over();
    });
    chart.plot.addEventListener('dblclick', () => zoom(0, duration));
    chart.plot.addEventListener('keydown', (event) => {
      const span = view.to - view.from;
      const at = view.cursor === null ? (view.from + view.to) / 2 : view.cursor;
      if (event.key === 'ArrowLeft') view.cursor = Math.max(view.from, at - span / 100);
      else if (event.key === 'ArrowRight') view.cursor = Math.min(view.to, at + span / 100);
      else if (event.key === '+') return zoom(at - span / 4, at + span / 4);
      else if (event.key === '-') return zoom(at - span, at + span);
      else if (event.key === 'Escape') return zoom(0, duration);
      else return;
      event.preventDefault();
      refresh_over();
    });
  }

  function zoom(from, to) {
    const least = Math.min(duration, 1e-4);
    view.from = Math.max(0, Math.min(from, duration - least));
    view.to = Math.min(duration, Math.max(to, view.from + least));
    refresh();
  }
  function refresh_over() {
    for (const chart of charts) chart.draw_over();
    bar.time.textContent = view.cursor === null ? '' : 't = ' + seconds(view.cursor, view.to - view.from);
  }
  function refresh() {
    for (const chart of charts) chart.draw();
    bar.reset.hidden = view.from === 0 && view.to === duration;
    refresh_over();
  }

  // ---- Which charts there are -------------------------------------------------------------------

  const is_single = run.senders.length < 2;
  const has_samples = (series) => (series.samples || series.data).length > 0;

  // The lines of one figure of all who have it. `is_main`: the one by which a chart tells many
  // senders apart; the others share one place in the legend for all of them.
  function sender_lines(key, kind, unit, what, look) {
    return run.senders.map((who, index) => ({ who, index })).filter(({ who }) => has_samples(who[key])).map(({ who, index }) => {
      const line = { name: what, data: decode(who[key], kind, unit), keys: [what], colour: '--c' + index % 8, ...look };
      if (is_single) return { ...line, ...line.alone };
      return line.is_main ? { ...line, name: who.name, keys: [who.name] }
        : { ...line, shares: what, keys: [what, who.name], off: line.off || line.is_minor };
    });
  }
  function own_line(name, series, kind, unit, look) {
    return has_samples(series) ? [{ name, data: decode(series, kind, unit), keys: [name], ...look }] : [];
  }

  // The one that was used most of what it could carry: the bottleneck of whoever sent most.
  function busiest_link() {
    const sum = (values) => values.reduce((total, value) => total + (value || 0), 0);
    const total = (series) => sum(decode(series, 'total', 1).third);
    const room_of = (link) => {
      if (has_samples(link.opportunity_bytes)) return total(link.opportunity_bytes);
      if (!has_samples(link.capacity)) return Infinity;
      const rates = decode(link.capacity, 'extent', 1).third.filter((rate) => rate === rate);
      return sum(rates) / rates.length * duration / 8;
    };
    const ranked = run.links.map((link) => ({ link, use: total(link.carried_bytes) / room_of(link), bytes: total(link.carried_bytes) }));
    return ranked.sort((a, b) => b.use - a.use || b.bytes - a.bytes).map(({ link }) => link).slice(0, 1);
  }
  function rate_chart() {
    const is_one = run.flows.length < 2;
    return new Chart('Rate', 'Mbit/s', 190, [
      ...run.flows.flatMap((flow, index) => own_line(is_one ? 'delivered' : flow.name, flow.delivered_bytes, 'total', 8e-6,
        { colour: '--c' + index % 8, draw: is_one ? 'area' : '' })),
      ...busiest_link().flatMap((link) => [
        ...own_line(`carried by ${link.name}`, link.carried_bytes, 'total', 8e-6, { colour: '--soft', thin: true, off: is_single }),
        ...own_line(`capacity of ${link.name}`, link.capacity, 'extent', 1e-6, { colour: '--soft', thin: true, dash: true }),
        ...own_line(`capacity of ${link.name}`, link.opportunity_bytes, 'total', 8e-6, { colour: '--soft', thin: true, dash: true })]),
      ...sender_lines('sent_bytes', 'total', 8e-6, 'sent', { thin: true, is_minor: true, alone: { colour: '--c3' } }),
      ...sender_lines('pacing_rate', 'extent', 1e-6, 'pacing', { thin: true, dash: true, off: true })]);
  }
  function window_chart() {
    return new Chart('Window', 'KiB', 190, [
      ...sender_lines('in_flight', 'extent', 1 / 1024, 'in flight', { is_minor: true, thin: true, alone: { draw: 'area', colour: '--c4' } }),
      ...sender_lines('window', 'extent', 1 / 1024, 'congestion window', { is_main: true }),
      ...sender_lines('losses_declared', 'marks', 1, 'losses declared', { is_rug: true, row: 0, colour: '--bad', sign: '\u2502' })]);
  }
  function rtt_chart() {
    return new Chart('Round-trip time', 'ms', 150, [
      ...sender_lines('latest_rtt', 'extent', 1e-6, 'latest', { thin: true, is_minor: true, alone: { colour: '--c4' } }),
      ...sender_lines('smoothed_rtt', 'extent', 1e-6, 'smoothed', { is_main: true })], { floats: true });
  }
  function queue_chart() {
    const waits = run.links.flatMap((link, index) =>
      own_line(`wait ${link.name}`, link.wait, 'extent', 1e-6, { colour: '--c' + (index + (is_single ? 0 : 6)) % 8 }));
    let row = 0;
    const rugs = run.links.flatMap((link) => [
      ...own_line(`dropped by queue ${link.name}`, link.dropped_by_queue, 'marks', 1, { colour: '--bad', is_rug: true, sign: '\u2502' }),
      ...own_line(`lost ${link.name}`, link.lost, 'marks', 1, { colour: '--again', is_rug: true, sign: '\u2502' })]);
    for (const rug of rugs) rug.row = row++;
    return new Chart(waits.length > 0 ? 'Queues and drops of the links' : 'Drops of the links',
      waits.length > 0 ? 'ms of waiting' : '', 150, [...waits, ...rugs]);
  }
  function latency_chart() {
    return new Chart('Latency of messages', 'ms from due to delivered, logarithmic', 170, run.flows.flatMap((flow, index) =>
      own_line(flow.name, flow.latency, 'extent', 1e-6, { colour: '--c' + index % 8, is_points: true })), { is_log: true });
  }
  function sequence_chart() {
    return new Chart('Packets', 'number by time of sending', 300, [
      ...sender_lines('sent', 'marks', 1, 'sent', { draw: 'marks', is_path: true, is_main: true }),
      ...sender_lines('retransmitted', 'marks', 1, 'sent again', { draw: 'marks', colour: '--again', sign: '\u25cf' }),
      ...sender_lines('lost', 'marks', 1, 'lost', { draw: 'marks', colour: '--bad', sign: '\u00d7' }),
      ...sender_lines('disproved', 'marks', 1, 'wrongly declared lost', { draw: 'marks', colour: '--mended', sign: '\u25cb' })], { floats: true });
  }

  function show_charts() {
    const place = document.getElementById('charts');
    bar = { time: element('output', {}), reset: element('button', { type: 'button', textContent: 'Whole run', hidden: true }) };
    bar.reset.onclick = () => zoom(0, duration);
    place.append(element('div', { className: 'bar' },
      element('span', { textContent: 'Drag to zoom, double-click for the whole run; a name in a legend hides its line.' }), bar.reset, bar.time));
    for (const make of [rate_chart, window_chart, rtt_chart, queue_chart, latency_chart, sequence_chart]) {
      const chart = make();
      if (!chart.lines.some((line) => line.data.length > 0)) continue;
      charts.push(chart);
      place.append(chart.node);
    }
    // A part of the run, as in report.html#3.5-4: seconds.
    const part = /^#([\d.]+)-([\d.]+)$/.exec(location.hash);
    if (part) zoom(Number(part[1]), Number(part[2])); else refresh();
  }

  // ---- Distribution of latencies ----------------------------------------------------------------

  // The share of messages above a latency, on an axis where each nine takes the same room.
  class Distribution {
    constructor(flows) {
      this.flows = flows.map((flow) => {
        const total = flow.latencies.reduce((sum, [, , count]) => sum + count, 0);
        let seen = 0;
        const steps = flow.latencies.map(([low, high, count]) => ({ low, high, count, share: (seen += count) / total }));
        return { name: flow.name, index: run.flows.indexOf(flow), total, steps };
      });
      this.low = Math.min(...this.flows.map((flow) => flow.steps[0].low || 1));
      this.high = Math.max(...this.flows.map((flow) => flow.steps[flow.steps.length - 1].high));
      const least = Math.min(...this.flows.map((flow) => 1 / flow.total));
      this.nines = Math.max(2, Math.min(6, Math.ceil(-Math.log10(least))));
      this.height = 260;
      this.base = element('canvas', {});
      this.over = element('canvas', {});
      this.read_out = element('span', { className: 'unit' });
      this.plot = element('div', { className: 'plot', role: 'img' }, this.base, this.over);
      this.plot.setAttribute('aria-label', 'Share of messages delivered within a latency: ' + this.flows.map((flow) =>
        `${flow.name}: half within ${duration_text(this.percentile(flow, 0.5))}, 99 % within ${duration_text(this.percentile(flow, 0.99))}`).join('; '));
      this.legend = element('ul', { className: 'legend' }, ...this.flows.map((flow) => {
        const sign = element('i', {});
        sign.style.borderColor = `var(--c${flow.index % 8})`;
        return element('li', {}, element('button', { type: 'button', disabled: true }, sign, flow.name));
      }));
      this.node = element('article', { className: 'chart' }, element('div', { className: 'top' },
        element('h2', {}, 'Distribution of latencies ', element('span', { className: 'unit', textContent: 'share of messages delivered within' })),
        this.read_out, this.legend), this.plot);
      this.plot.addEventListener('pointermove', (event) => this.point(event.clientX - this.plot.getBoundingClientRect().left));
      this.plot.addEventListener('pointerleave', () => this.point(null));
    }
    percentile(flow, share) { return flow.steps.find((step) => step.share >= share - 1e-12).high; }
    x(latency) {
      return kLeft + Math.log(latency / this.low) / Math.log(this.high / this.low || 2) * (this.width - kLeft - kRight);
    }
    y(share) {
      const nines = Math.min(this.nines, -Math.log10(Math.max(1 - share, 1e-12)));
      return kTop + (1 - nines / this.nines) * (this.height - kTop - 20);
    }
    draw() {
      this.width = this.plot.clientWidth;
      if (this.width < kLeft + kRight + 20) return;
      if (this.high <= this.low) this.high = this.low * 2;
      const context = Chart.prototype.context.call(this, this.base);
      this.draw_axes(context);
      if (this.flows.length === 1) this.draw_bars(context, this.flows[0]);
      for (const flow of this.flows) {
        context.strokeStyle = colour(flow.index);
        context.lineWidth = 1.8;
        context.lineJoin = 'round';
        if (flow.total < kFew) {
          this.draw_few(context, flow);
          continue;
        }
        context.beginPath();
        context.moveTo(this.x(flow.steps[0].low || 1), this.y(0));
        for (const step of flow.steps) context.lineTo(this.x(step.high), this.y(step.share));
        context.stroke();
      }
      this.point(null);
    }
    // A curve would claim more than so few messages tell.
    draw_few(context, flow) {
      context.fillStyle = colour(flow.index);
      for (const step of flow.steps) {
        context.beginPath();
        context.arc(this.x(step.high), this.y(step.share), 3.5, 0, 7);
        context.fill();
      }
    }
    // How many messages took about so long, on a linear axis of its own.
    draw_bars(context, flow) {
      const most = Math.max(...flow.steps.map((step) => step.count));
      context.fillStyle = colour(flow.index);
      context.globalAlpha = 0.16;
      for (const step of flow.steps) {
        const height = (this.height - kTop - 20) * 0.9 * step.count / most;
        const from = this.x(step.low || 1);
        context.fillRect(from, this.height - 20 - height, Math.max(flow.total < kFew ? 3 : 1, this.x(step.high) - from), height);
      }
      context.globalAlpha = 1;
    }
    draw_axes(context) {
      context.font = '11.5px system-ui, sans-serif';
      context.fillStyle = css('--soft');
      context.strokeStyle = css('--grid');
      context.lineWidth = 1;
      context.textAlign = 'right';
      context.textBaseline = 'middle';
      for (const share of [0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999]) {
        if (share > 0.5 && -Math.log10(1 - share) > this.nines + 1e-6) break;
        const y = Math.round(this.y(share)) + 0.5;
        context.beginPath();
        context.moveTo(kLeft, y);
        context.lineTo(this.width - kRight, y);
        context.stroke();
        context.fillText(+(share * 100).toFixed(4) + ' %', kLeft - 8, y);
      }
      context.textAlign = 'center';
      context.textBaseline = 'top';
      let taken = -Infinity;
      for (const latency of log_ticks(this.low, this.high, this.width - kLeft - kRight, 56)) {
        const x = Math.round(this.x(latency)) + 0.5;
        if (x - taken < 56) continue;
        taken = x;
        context.beginPath();
        context.moveTo(x, kTop);
        context.lineTo(x, this.height - 20);
        context.stroke();
        context.fillText(duration_text(latency), x, this.height - 15);
      }
    }
    point(x) {
      const context = Chart.prototype.context.call(this, this.over);
      if (x === null || x < kLeft || x > this.width - kRight) {
        this.read_out.textContent = '';
        return;
      }
      context.strokeStyle = css('--soft');
      context.setLineDash([3, 3]);
      context.beginPath();
      context.moveTo(x, 0);
      context.lineTo(x, this.height - 20);
      context.stroke();
      const latency = this.low * (this.high / this.low) ** ((x - kLeft) / (this.width - kLeft - kRight));
      const shares = this.flows.map((flow) => {
        const within = flow.steps.filter((step) => step.high <= latency).pop();
        const text = (within ? within.share * 100 : 0).toFixed(this.nines > 3 ? 3 : 2) + ' %';
        return this.flows.length > 1 ? `${flow.name} ${text}` : text;
      });
      this.read_out.textContent = `within ${duration_text(latency)}: ${shares.join(', ')}`;
    }
  }

  let distribution = null;
  function show_distribution() {
    const flows = run.flows.filter((flow) => flow.latencies.length > 0);
    if (flows.length === 0) return;
    distribution = new Distribution(flows);
    document.getElementById('distribution').append(distribution.node);
    distribution.draw();
  }

  show_head();
  show_tables();
  show_charts();
  show_distribution();
  const redraw = () => {
    refresh();
    if (distribution) distribution.draw();
  };
  window.addEventListener('resize', redraw);
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  document.documentElement.setAttribute('data-drawn', String(charts.length));
})();
