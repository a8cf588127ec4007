// Has the story spoken, part by part, and knows when each word is heard.
import { ask, events } from '/page/api.js';
import { placeIn } from '/page/article.js';
import { RATE } from '/page/player.js';
import { last } from '/page/view.js';

/** Code points of a request. The next one begins when what is there has nearly been heard, so nothing is made in vain. */
const PART = 3_000;
/** Seconds that are made ahead. */
const AHEAD = 60;
/** Silence between two requests, which are paragraphs. */
const GAP = 0.5;
/** Times that a busy server is asked again. */
const TRIES = 5;

const sleep = (seconds, signal) => new Promise((resolve, reject) => {
  const stop = () => {
    clearTimeout(timer);
    reject(new DOMException('stopped', 'AbortError'));
  };
  const timer = setTimeout(() => {
    signal.removeEventListener('abort', stop);
    resolve();
  }, seconds * 1000);
  signal.addEventListener('abort', stop, { once: true });
});

function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** Samples of bytes that come in pieces of any length. */
class Samples {
  odd = null;

  take(bytes) {
    let all = bytes;
    if (this.odd !== null) {
      all = new Uint8Array(bytes.length + 1);
      all[0] = this.odd;
      all.set(bytes, 1);
    }
    this.odd = all.length % 2 ? all.at(-1) : null;
    // The server sends the lower byte first, and so does every machine with a browser.
    return new Int16Array(all.slice(0, all.length - (all.length % 2)).buffer);
  }
}

export class Speaking {
  constructor(player, article, { manner, told, ended, failed }) {
    Object.assign(this, { player, article, manner, told, ended, failed });
    this.words = [];
    this.isWhole = false;
  }

  get isBusy() {
    return Boolean(this.stopping && !this.stopping.signal.aborted);
  }

  /** Forgets what was spoken. A player that runs dry has it spoken from this place of the story on. */
  reset(from) {
    this.stop();
    this.player.clear();
    this.words = [];
    this.next = from;
    this.isWhole = false;
  }

  /** Speaks from a place of the story on. */
  start(from) {
    this.reset(from);
    this.goOn();
  }

  /** Ends the request. What is there can still be heard. */
  stop() {
    this.stopping?.abort();
    this.stopping = null;
  }

  /** Speaks what was not spoken yet. */
  async goOn() {
    this.stop();
    const stopping = new AbortController();
    this.stopping = stopping;
    this.isWhole = false;
    try {
      for (const part of this.article.parts(this.next, PART)) {
        while (this.player.ahead > AHEAD) await sleep(0.5, stopping.signal);
        await this.speak(part, stopping.signal);
        const { begin, length } = part.pieces.at(-1);
        this.next = begin + length;
      }
      this.isWhole = true;
      this.stopping = null;
      this.ended();
    } catch (error) {
      if (stopping.signal.aborted) return;
      this.stopping = null;
      this.failed(error);
    }
  }

  async request(part, signal) {
    const body = {
      input: part.input, ...this.manner(), response_format: 'pcm', stream_format: 'sse', timestamps: true,
    };
    for (let tries = 1; ; tries += 1) {
      try {
        return await ask('POST', '/v1/audio/speech', body, signal);
      } catch (fault) {
        if (fault.status !== 429 || fault.code !== 'server_busy' || tries === TRIES) throw fault;
        await sleep(Math.min(fault.again ?? 2, 10), signal);
      }
    }
  }

  async speak(part, signal) {
    const answer = await this.request(part, signal);
    if (this.player.total) this.player.add(new Int16Array(Math.round(GAP * RATE)));
    const base = this.player.seconds;
    const samples = new Samples();
    let isDone = false;
    try {
      for await (const event of events(answer)) {
        signal.throwIfAborted();
        if (event.type === 'speech.audio.words') this.note(part, base, event.words);
        if (event.type === 'speech.audio.delta') this.player.add(samples.take(bytesOf(event.audio)));
        if (event.type === 'speech.audio.done') isDone = true;
      }
    } catch (error) {
      if (signal.aborted) throw error;
    }
    if (!isDone) throw new Error('The speech broke off. What is there can still be heard.');
  }

  note(part, base, words) {
    for (const { start, end, from, to } of words) {
      const word = { start: placeIn(part, start), end: placeIn(part, end), from: base + from, to: base + to };
      // A word that goes on is told again.
      if (this.words.at(-1)?.start === word.start) this.words.pop();
      this.words.push(word);
    }
    // A request that is stopped goes on with the sentence of its last word.
    const { start } = this.words.at(-1);
    this.next = Math.max(this.next, this.article.sentences[this.article.sentenceAt(start)].start);
    this.told();
  }

  /** The word that is heard at a time, or was last. */
  wordAt(seconds) {
    // Half a millisecond: a jump to a word's start is at the word.
    return this.words[last(this.words.length, (index) => this.words[index].from, seconds + 0.0005)];
  }

  /** When a place of the story is heard; nothing where it was not spoken yet. */
  timeOf(point) {
    const index = last(this.words.length, (at) => this.words[at].start, point);
    const word = this.words[index]?.end > point ? this.words[index] : this.words[index + 1];
    // Marks stand before the first word of a sentence, and are not spoken.
    return this.words.length && point >= this.words[0].start - 4 ? word?.from : undefined;
  }
}
