// The story as it is written, in sentences that can be chosen and words that light up. Places are code points, as the server counts.
import { find, last, make } from '/page/view.js';

const segmenter = globalThis.Intl?.Segmenter ? new Intl.Segmenter('en', { granularity: 'sentence' }) : null;
/** Elements of the server's kinds of paragraphs. */
const ELEMENTS = { title: 'h1', headline: 'h1', heading: 'h2', caption: 'p', byline: 'p' };

/** Text that nobody explained: a blank line ends a paragraph. */
export function plain(text) {
  const paragraphs = [];
  const points = [...text];
  let start = 0;
  const end = (at) => {
    let [from, to] = [start, at];
    while (from < to && !points[from].trim()) from += 1;
    while (to > from && !points[to - 1].trim()) to -= 1;
    if (from < to) paragraphs.push({ kind: 'paragraph', start: from, end: to, sentences: [] });
  };
  for (let at = 0; at < points.length; at += 1) {
    const blank = /^\n[^\S\n]*\n/.exec(points[at] === '\n' ? points.slice(at, at + 40).join('') : '')?.[0].length;
    if (!blank) continue;
    end(at);
    start = at + blank;
    at = start - 1;
  }
  end(points.length);
  return { title: null, text, paragraphs, left_out: [], unknown_words: [] };
}

/** Where sentences of a paragraph begin and end. */
function sentencesOf(points, { start, end, sentences }) {
  const told = sentences ?? [];
  const found = told.map((sentence) => [sentence.start, sentence.end]);
  if (!found.length) {
    const text = points.slice(start, end).join('');
    let at = start;
    for (const { segment } of segmenter ? segmenter.segment(text) : [{ segment: text }]) {
      const length = [...segment].length;
      found.push([at, at + length]);
      at += length;
    }
  }
  // All of the paragraph is in some sentence.
  return found.map(([from], index) => [index ? from : start, index + 1 < found.length ? found[index + 1][0] : end]);
}

export class Article {
  constructor(place, choose) {
    this.place = place;
    this.lit = [];
    this.sentence = -1;
    this.show(plain(''));
    place.addEventListener('click', (event) => {
      const link = event.target.closest('.sentence');
      if (!link) return;
      event.preventDefault();
      // Who selects text does not want to jump.
      if (event.detail > 0 && !getSelection().isCollapsed) return;
      choose(this.sentences[Number(link.dataset.number)].start);
    });
  }

  show(story) {
    this.story = story;
    this.points = [...story.text];
    this.sentences = [];
    this.tokens = [];
    this.lit = [];
    this.sentence = -1;
    const unknown = (story.unknown_words ?? []).map(({ start, end }) => [start, end]).sort((a, b) => a[0] - b[0]);
    const hasTitle = story.paragraphs.some(({ kind }) => ELEMENTS[kind] === 'h1');
    const elements = hasTitle ? [] : [make('h1', { className: 'unseen', textContent: nameOf(story) || 'Story' })];
    let list = null;
    for (const paragraph of story.paragraphs) {
      const isItem = paragraph.kind.startsWith('list');
      const element = make(isItem ? 'li' : ELEMENTS[paragraph.kind] ?? 'p', { dir: 'auto' });
      if (['caption', 'byline'].includes(paragraph.kind)) element.className = 'aside';
      for (const [start, end] of sentencesOf(this.points, paragraph)) element.append(this.makeSentence(start, end, unknown));
      if (isItem) {
        if (!list) elements.push(list = make('ul'));
        list.append(element);
        continue;
      }
      list = null;
      elements.push(paragraph.kind.includes('quot') ? make('blockquote', {}, element) : element);
    }
    this.place.replaceChildren(...elements);
  }

  makeSentence(start, end, unknown) {
    const number = this.sentences.length;
    const link = make('a', { className: 'sentence', href: `#sentence-${number + 1}`, draggable: false, data: { number } });
    this.sentences.push({ start, end, link });
    let at = start;
    while (at < end) {
      const isSpace = !this.points[at].trim();
      let to = at + 1;
      while (to < end && !this.points[to].trim() === isSpace) to += 1;
      const text = this.points.slice(at, to).join('');
      if (isSpace) link.append(text);
      else {
        const word = make('span', { textContent: text, data: { at } });
        const here = last(unknown.length, (index) => unknown[index][0], to - 1);
        if (here >= 0 && unknown[here][1] > at) word.className = 'unknown';
        this.tokens.push({ start: at, end: to, word });
        link.append(word);
      }
      at = to;
    }
    return link;
  }

  /** Marks what is spoken from one place to another; without a place nothing. */
  light(start, end) {
    const tokens = [];
    if (start !== undefined) {
      let index = Math.max(last(this.tokens.length, (at) => this.tokens[at].start, start), 0);
      for (; index < this.tokens.length && this.tokens[index].start < end; index += 1) {
        if (this.tokens[index].end > start) tokens.push(this.tokens[index].word);
      }
    }
    if (tokens[0] === this.lit[0] && tokens.length === this.lit.length) return null;
    for (const word of this.lit) word.classList.remove('lit');
    for (const word of tokens) word.classList.add('lit');
    this.lit = tokens;
    const sentence = start === undefined ? -1 : this.sentenceAt(start);
    if (sentence !== this.sentence) {
      this.sentences[this.sentence]?.link.removeAttribute('aria-current');
      this.sentences[sentence]?.link.setAttribute('aria-current', 'true');
      this.sentence = sentence;
    }
    return tokens[0] ?? null;
  }

  sentenceAt(point) {
    return last(this.sentences.length, (index) => this.sentences[index].start, point);
  }

  /** What is spoken from a place on, in requests of about `most` code points that end with a paragraph. */
  parts(from, most) {
    const parts = [];
    let part = null;
    for (const { start, end } of this.story.paragraphs) {
      if (end <= from) continue;
      const begin = Math.max(start, from);
      const text = this.points.slice(begin, end).join('');
      if (!text.trim()) continue;
      const length = end - begin;
      if (!part || part.length + length > most) parts.push(part = { input: '', length: 0, pieces: [] });
      const gap = part.length ? 2 : 0;
      part.pieces.push({ at: part.length + gap, begin, length });
      part.input += (gap ? '\n\n' : '') + text;
      part.length += gap + length;
    }
    return parts;
  }
}

/** Where a place of a part's text stands in the story. */
export function placeIn({ pieces }, point) {
  const { at, begin, length } = pieces[Math.max(last(pieces.length, (index) => pieces[index].at, point), 0)];
  return begin + Math.min(point - at, length);
}

/** The title of a story, or how it begins. */
export function nameOf({ title, text }) {
  const line = title ?? text.trim().split('\n')[0] ?? '';
  return line.length > 90 ? `${line.slice(0, 88).trimEnd()}…` : line;
}

export const storyPlace = () => find('.story');
