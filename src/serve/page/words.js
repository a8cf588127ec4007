// Words that no dictionary knows: how they will be said, heard at once, written otherwise, and saved.
import { ask, json } from '/page/api.js';
import { hear } from '/page/player.js';
import { find, make, show } from '/page/view.js';

/** Words that are listed. */
const MOST = 60;
/** The voice's signs that are not those of the International Phonetic Alphabet. */
const SIGNS = { A: 'eɪ', I: 'aɪ', W: 'aʊ', O: 'oʊ', Q: 'əʊ', Y: 'ɔɪ', T: 'ɾ', ʤ: 'dʒ', ʧ: 'tʃ', ᵊ: 'ə', ᵻ: 'ɨ' };

const ipa = (phonemes) => [...phonemes].map((sign) => SIGNS[sign] ?? sign).join('');

export class Words {
  /** `manner` is how the voice speaks; `changed` is called when a word is said otherwise from now on. */
  constructor({ manner, changed, hearing }) {
    Object.assign(this, { manner, changed, hearing });
    /** Respellings of this visit. */
    this.given = Object.create(null);
    this.canSave = false;
    this.place = find('.unknown-words');
    this.saved = find('.saved-words');
  }

  async load() {
    try {
      const { data, can_save: canSave } = await json('GET', '/v1/lexicon');
      this.canSave = Boolean(canSave);
      this.list(data);
    } catch {
      this.saved.hidden = true;
    }
  }

  list(data) {
    this.saved.hidden = !data.length;
    find('.count', this.saved).textContent = String(data.length);
    const items = data.map(({ word, respelling }) => make('li', {},
      make('b', { textContent: word }), ` ${respelling} `,
      make('button', { type: 'button', className: 'plain', textContent: 'Remove', label: `Remove ${word}`, onclick: () => this.remove(word) })));
    find('ul', this.saved).replaceChildren(...items);
  }

  async remove(word) {
    try {
      await ask('DELETE', `/v1/lexicon/${encodeURIComponent(word)}`);
      show.status(`${word} is no longer saved.`);
    } catch (fault) {
      show.fault(fault.message);
    }
    await this.load();
  }

  /** Shows the words of a story. */
  show({ unknown_words: unknown }) {
    const known = new Map();
    for (const { word, phonemes } of unknown ?? []) if (!known.has(word)) known.set(word, phonemes);
    this.place.hidden = !known.size;
    const items = [...known].slice(0, MOST).map(([word, phonemes], index) => this.item(word, phonemes, index));
    find('ul', this.place).replaceChildren(...items);
  }

  item(word, phonemes, index) {
    const id = `word-${index}`;
    const field = make('input', { id, type: 'text', autocomplete: 'off', spellcheck: false, value: this.given[word] ?? '', placeholder: 'sounds like' });
    const fault = make('p', { className: 'wrong', id: `${id}-wrong`, hidden: true });
    const button = (text, label, onclick) => make('button', { type: 'button', textContent: text, label, onclick });
    const guarded = (work) => async () => {
      fault.hidden = true;
      field.removeAttribute('aria-invalid');
      try {
        await work();
      } catch (error) {
        fault.textContent = error.message;
        fault.hidden = false;
        field.setAttribute('aria-invalid', 'true');
        field.setAttribute('aria-describedby', fault.id);
      }
    };
    const said = () => field.value.trim();
    const use = () => {
      if (said()) this.given[word] = said();
      else delete this.given[word];
      this.changed(word);
    };
    const hearWord = async () => {
      this.hearing();
      const words = { ...this.given, ...(said() && { [word]: said() }) };
      const answer = await ask('POST', '/v1/audio/speech', { ...this.manner(), input: `${word}.`, words, response_format: 'wav' });
      await hear(await answer.blob());
    };
    const save = async () => {
      if (!said()) throw new Error('Write how it sounds first.');
      await ask('POST', '/v1/lexicon', { word, respelling: said() });
      delete this.given[word];
      this.changed(word);
      show.status(`${word} is saved.`);
      await this.load();
    };
    // A wrong respelling is found out by the server before it is used for the story.
    const test = async () => {
      if (said()) await ask('POST', '/v1/audio/speech', { ...this.manner(), input: `${word}.`, words: { [word]: said() }, response_format: 'wav' });
      use();
    };
    return make('li', {},
      make('label', { htmlFor: id }, make('b', { textContent: word }), ' ', make('span', { className: 'sounds', textContent: `/${ipa(phonemes)}/` })),
      field,
      make('div', { className: 'row' },
        button('Hear', `Hear ${word}`, guarded(hearWord)),
        button('Use', `Use this for ${word} in this story`, guarded(test)),
        this.canSave ? button('Save', `Save this for ${word} for all stories`, guarded(save)) : null),
      fault);
  }
}
