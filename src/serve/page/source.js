// What shall be read: a text, an address, a file. It is explained as soon as it is there, so that it speaks at once when it is wanted.
import { json } from '/page/api.js';
import { plain } from '/page/article.js';
import { find } from '/page/view.js';

/** Files that the page reads itself; all others the server makes a report of. */
const TEXTS = { txt: 'text', text: 'text', md: 'markdown', markdown: 'markdown', html: 'html', htm: 'html', xhtml: 'html' };
/** Milliseconds without a key after which a text is explained. */
const REST = 350;
/** Milliseconds that somebody who wants to listen waits for the explanation; then the text is spoken as it is. */
const PATIENCE = 300;

const ADDRESS = /^https?:\/\/\S+$/i;
const later = (time) => new Promise((resolve) => setTimeout(resolve, time));

export class Source {
  constructor({ voice, listen, isOther, failed }) {
    Object.assign(this, { voice, failed });
    this.form = find('.source form');
    this.text = find('#text');
    this.canExplain = true;
    this.kind = undefined;
    const file = find('.file');
    this.text.addEventListener('input', (event) => {
      this.kind = undefined;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.prepare(), event.inputType?.startsWith('insertFromPaste') ? 0 : REST);
    });
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.text.value.trim()) listen();
      else this.text.focus();
    });
    find('.choose').addEventListener('click', () => file.click());
    file.addEventListener('change', () => {
      const [chosen] = file.files;
      // The same one can be chosen again.
      file.value = '';
      this.take(chosen, listen, isOther);
    });
    const drag = (isOver) => (event) => {
      if (![...(event.dataTransfer?.types ?? [])].some((type) => ['Files', 'text/plain'].includes(type))) return;
      if (event.target === this.text && !event.dataTransfer.types.includes('Files')) return;
      event.preventDefault();
      document.body.classList.toggle('dropping', isOver);
    };
    addEventListener('dragover', drag(true));
    addEventListener('dragleave', (event) => event.relatedTarget || drag(false)(event));
    addEventListener('drop', (event) => {
      drag(false)(event);
      const [dropped] = event.dataTransfer.files;
      if (dropped) this.take(dropped, listen, isOther);
      else if (event.target !== this.text) {
        this.text.value = event.dataTransfer.getData('text/plain');
        listen();
      }
    });
  }

  async take(file, listen, isOther) {
    if (!file) return;
    const kind = TEXTS[file.name.split('.').pop().toLowerCase()];
    if (!kind) {
      isOther(file);
      return;
    }
    this.text.value = await file.text();
    this.kind = kind;
    this.prepare();
    listen();
  }

  /** The fields of a request for what is there. */
  fields() {
    const text = this.text.value.trim();
    if (ADDRESS.test(text)) return { url: text };
    return { input: this.text.value, ...(this.kind && { input_type: this.kind }) };
  }

  /** Asks the server to find the story in what is there. The same is not asked twice. */
  prepare() {
    clearTimeout(this.timer);
    const fields = this.fields();
    const key = JSON.stringify([fields, this.voice()]);
    if (this.explained?.key === key || !this.canExplain || !this.text.value.trim()) return;
    // An address is fetched only when it is wanted.
    if (fields.url) return;
    this.explain(fields, key);
  }

  explain(fields, key) {
    this.explained?.stopping.abort();
    const stopping = new AbortController();
    const story = json('POST', '/v1/explain', { ...fields, voice: this.voice() }, stopping.signal);
    story.catch((fault) => {
      if (fault.isMissing && fault.code !== 'origin_not_allowed') this.canExplain = false;
    });
    this.explained = { key, stopping, story };
  }

  /** The story, and whether the server has found it in what is there. */
  async story() {
    const fields = this.fields();
    const key = JSON.stringify([fields, this.voice()]);
    const needs = fields.url || this.kind === 'html';
    if (this.canExplain && this.explained?.key !== key) this.explain(fields, key);
    if (!this.canExplain) {
      if (needs) throw new Error('This server can’t find the story of a page. Paste its text.');
      return { ...plain(this.text.value), isPlain: true };
    }
    try {
      const story = needs ? await this.explained.story : await Promise.race([this.explained.story, later(PATIENCE)]);
      if (story?.paragraphs?.length) return story;
      if (story && needs) throw new Error('No story was found there.');
    } catch (fault) {
      this.explained = undefined;
      if (fault.isMissing && !this.canExplain) return this.story();
      if (needs) throw fault;
      this.failed(fault);
    }
    return { ...plain(this.text.value), isPlain: true };
  }
}
