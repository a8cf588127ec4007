// Reports: the whole story as files. They are made on the server, one after the other, while the page shows how far they are.
import { ask, json } from '/page/api.js';
import { clock, find, make, show } from '/page/view.js';

/** Reports whose progress streams: a browser has six connections to a server. */
const STREAMS = 2;
const FINAL = ['done', 'failed', 'cancelled'];
const STATES = { queued: 'waits', running: 'is being read', done: 'is ready', failed: 'failed', cancelled: 'was cancelled' };
const FILES = { 'transcript.json': 'Transcript', 'words.json': 'Times of words' };
const KINDS = { audio: 'Sound', captions: 'Captions', chapters: 'Chapters', page: 'Page', picture: 'Picture' };

const isActive = ({ status }) => !FINAL.includes(status);
/** What a file is, and its format. */
const label = ({ kind, name }) => {
  const own = Object.entries(FILES).find(([end]) => name.endsWith(end));
  if (own) return own[1];
  return ['audio', 'captions'].includes(kind) ? `${KINDS[kind]} (${name.split('.').pop().toUpperCase()})` : KINDS[kind] ?? kind;
};
const size = (bytes) => (bytes < 1e6 ? `${Math.max(Math.round(bytes / 1e3), 1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

export class Reports {
  constructor() {
    this.place = find('.reports');
    this.list = find('ul', this.place);
    this.known = new Map();
    this.rows = new Map();
    this.streams = new Map();
    /** What shall be opened when it is there, by report. */
    this.wanted = new Map();
    /** The report of what was asked for before. */
    this.made = new Map();
  }

  async load() {
    try {
      const { data } = await json('GET', '/v1/reports');
      this.place.hidden = false;
      this.known = new Map(data.map((report) => [report.id, report]));
      this.draw();
      this.follow();
    } catch (fault) {
      if (!fault.isMissing) return show.fault(fault.message);
      this.isMissing = true;
      this.place.hidden = true;
      const hint = find('.keep .hint');
      hint.textContent = 'This server makes no reports.';
      for (const control of find('.keep').querySelectorAll('button, select')) control.disabled = true;
    }
    return undefined;
  }

  /** Makes a report, unless the same was made, and opens one of its files when it is there. */
  async keep(kind, order) {
    const key = JSON.stringify(order);
    const before = this.known.get(this.made.get(key));
    if (before && before.status !== 'failed' && before.status !== 'cancelled') return this.open(before.id, kind);
    const report = await json('POST', '/v1/reports', order);
    this.made.set(key, report.id);
    this.note(report, true);
    show.status('The report waits to be read.');
    return this.open(report.id, kind);
  }

  /** Makes a report of a file that the page can't read. */
  async upload(file, fields) {
    const form = new FormData();
    form.append('file', file, file.name);
    for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.append(name, String(value));
    this.note(await json('POST', '/v1/reports', form), true);
    this.place.scrollIntoView({ block: 'nearest' });
  }

  open(id, kind) {
    const report = this.known.get(id);
    if (report.status !== 'done') {
      this.wanted.set(id, [...(this.wanted.get(id) ?? []), kind]);
      return;
    }
    const file = report.files.find((candidate) => candidate.kind === kind);
    if (!file) {
      show.fault(`The report has no ${(KINDS[kind] ?? kind).toLowerCase()}.`);
      return;
    }
    const link = make('a', { href: file.url, download: kind === 'page' ? '' : file.name });
    if (kind === 'page') Object.assign(link, { target: '_blank', rel: 'noopener' }).removeAttribute('download');
    document.body.append(link);
    link.click();
    link.remove();
  }

  note(report, isNew = false) {
    const before = this.known.get(report.id);
    if (isNew) this.known = new Map([[report.id, report], ...this.known]);
    else this.known.set(report.id, report);
    this.draw();
    if (before?.status !== report.status && FINAL.includes(report.status)) {
      show.status(`${report.title ?? 'The report'} ${STATES[report.status]}.`);
      for (const kind of this.wanted.get(report.id) ?? []) if (report.status === 'done') this.open(report.id, kind);
      this.wanted.delete(report.id);
    }
    this.follow();
  }

  /** Listens to the oldest reports that are not ready. */
  follow() {
    const active = [...this.known.values()].filter(isActive).reverse();
    for (const { id } of active.slice(0, STREAMS)) {
      if (this.streams.has(id)) continue;
      const stream = new EventSource(`/v1/reports/${encodeURIComponent(id)}/events`);
      this.streams.set(id, stream);
      stream.addEventListener('report', ({ data }) => {
        const report = JSON.parse(data);
        if (!isActive(report)) this.close(id);
        this.note(report);
      });
      stream.onerror = () => {
        // A browser tries again by itself, unless the server said no.
        if (stream.readyState === EventSource.CLOSED) {
          this.close(id);
          setTimeout(() => this.load(), 3000);
        }
      };
    }
  }

  close(id) {
    this.streams.get(id)?.close();
    this.streams.delete(id);
  }

  async remove(id) {
    this.close(id);
    try {
      await ask('DELETE', `/v1/reports/${encodeURIComponent(id)}`);
      this.known.delete(id);
    } catch (fault) {
      show.fault(fault.message);
    }
    await this.load();
  }

  draw() {
    find('.nothing', this.place).hidden = this.known.size > 0;
    // A row that is the same stays, with the focus in it.
    const rows = [...this.known.values()].map((report) => {
      const key = JSON.stringify({ ...report, progress: null });
      const before = this.rows.get(report.id);
      const row = before?.key === key ? before : { key, element: this.row(report) };
      if (row !== before) this.rows.set(report.id, row);
      this.move(row.element, report);
      return row.element;
    });
    for (const id of [...this.rows.keys()]) if (!this.known.has(id)) this.rows.delete(id);
    const isSame = rows.length === this.list.children.length && rows.every((row, index) => row === this.list.children[index]);
    if (!isSame) this.list.replaceChildren(...rows);
  }

  move(element, { progress }) {
    const bar = find('progress', element);
    if (!bar) return;
    bar.value = progress?.done ?? 0;
    find('.spoken', element).textContent = `${clock(progress?.seconds ?? 0)} read`;
  }

  row(report) {
    const { id, title, status, files, error, source, voice } = report;
    const name = title ?? source ?? 'Untitled';
    const button = (text, label) => make('button', { type: 'button', className: 'plain', textContent: text, label: `${label} ${name}`, onclick: () => this.remove(id) });
    const links = (status === 'done' ? files ?? [] : []).map((file) => make('a', {
      href: file.url, textContent: label(file), title: `${file.name}, ${size(file.bytes)}`,
      ...(file.kind === 'page' ? { target: '_blank', rel: 'noopener' } : { download: file.name }),
    }));
    return make('li', {},
      make('p', { className: 'title', dir: 'auto', textContent: name }),
      make('p', { className: 'state' }, `${STATES[status] ?? status}${voice ? ` · ${voice}` : ''}`, error ? `: ${error.message}` : ''),
      isActive(report) ? make('p', { className: 'progress' }, make('progress', { max: 1, value: 0, label: `Progress of ${name}` }), make('span', { className: 'spoken' })) : null,
      make('p', { className: 'files' }, ...links, isActive(report) ? button('Cancel', 'Cancel') : button('Delete', 'Delete')));
  }
}
