// Sound from the server's samples, and the buttons for it.
import { clock, find, show } from '/page/view.js';

/** All voices have this rate. */
export const RATE = 24_000;

export class Player {
  /** `dry` is called while all sound that is there has been heard; `isOver` says whether no more comes. */
  constructor({ changed, dry, isOver }) {
    this.place = find('.player');
    this.isPlaying = false;
    this.total = 0;
    /** Orders to the thread of the sound so far. It says which was the last one that it knew. */
    this.orders = 0;
    /** Where the sound was last, and when. */
    this.state = { at: 0, time: 0, isDry: true };
    this.changed = changed;
    this.dry = dry;
    this.isOver = isOver;
    this.position = find('.position');
    this.button = find('.play');
    this.button.addEventListener('click', () => this.toggle());
    this.position.addEventListener('input', () => this.seek(Number(this.position.value)));
  }

  /** Makes ready what browsers let make noise only after a click or a key. */
  async open() {
    this.opening ??= (async () => {
      this.context = new AudioContext({ sampleRate: RATE, latencyHint: 'interactive' });
      await this.context.audioWorklet.addModule('/page/worklet.js');
      this.voice = new AudioWorkletNode(this.context, 'voice', { numberOfInputs: 0, outputChannelCount: [1] });
      this.voice.connect(this.context.destination);
      this.voice.port.onmessage = ({ data }) => this.heard(data);
    })();
    // What failed is tried again by the next one who wants sound.
    this.opening.catch(() => { this.opening = undefined; });
    await this.opening;
    // It waits for a gesture where there was none; nobody waits for it here.
    if (this.context.state !== 'running') this.context.resume().catch(() => {});
  }

  heard(data) {
    if (data.audible !== undefined) {
      const at = performance.now() + (data.audible - this.context.currentTime) * 1000;
      performance.mark('audible', { startTime: Math.max(at, 0) });
      return;
    }
    // What it said before it knew the last order is no longer so.
    if (data.order !== this.orders) return;
    this.state = data;
    // A whole story can be under way to a thread that has heard of none of it.
    if (data.isDry && data.total === this.total && this.isPlaying) this.dry();
  }

  order(what) {
    if (!this.voice) return;
    this.orders += 1;
    this.voice.port.postMessage({ ...what, order: this.orders });
  }

  /** More samples. */
  add(samples) {
    this.total += samples.length;
    this.voice.port.postMessage({ samples }, [samples.buffer]);
  }

  /** Forgets all sound. */
  clear() {
    this.total = 0;
    this.state = { at: 0, time: 0, isDry: true };
    this.order({ clear: true });
  }

  /** Seconds of sound so far. */
  get seconds() {
    return this.total / RATE;
  }

  /** Where the ear is. */
  get now() {
    const { at, time, isDry } = this.state;
    if (!this.isPlaying || isDry || !this.context) return at / RATE;
    const late = (this.context.outputLatency || 0) + (this.context.baseLatency || 0);
    return Math.min(Math.max(at / RATE + this.context.currentTime - time - late, 0), this.seconds);
  }

  get ahead() {
    return this.seconds - this.state.at / RATE;
  }

  /** From now on the first sound that is heard is noted. */
  listen() {
    this.voice.port.postMessage({ listen: true });
  }

  play() {
    this.isPlaying = true;
    this.context?.resume().catch(() => {});
    this.order({ playing: true });
    this.place.classList.add('playing');
    this.button.setAttribute('aria-label', 'Pause');
    requestAnimationFrame(() => this.run());
    this.changed();
  }

  pause() {
    this.isPlaying = false;
    this.order({ playing: false });
    this.place.classList.remove('playing');
    this.button.setAttribute('aria-label', 'Play');
    this.changed();
    this.draw();
  }

  toggle() {
    if (this.isPlaying) {
      this.pause();
      return;
    }
    if (this.isOver() && this.ahead < 0.05) this.seek(0);
    this.play();
  }

  seek(seconds) {
    const at = Math.round(Math.min(Math.max(seconds, 0), this.seconds) * RATE);
    this.state = { ...this.state, at, time: this.context?.currentTime ?? 0, isDry: false };
    this.order({ seek: at });
    this.draw();
  }

  run() {
    this.draw();
    if (this.isPlaying) requestAnimationFrame(() => this.run());
  }

  draw() {
    const now = this.now;
    const [text, length] = [clock(now), clock(this.seconds)];
    this.position.max = Math.max(this.seconds, 0.1).toFixed(1);
    this.position.value = now;
    const [shown, whole] = [find('.now'), find('.length')];
    if (shown.textContent !== text || whole.textContent !== length) {
      shown.textContent = text;
      whole.textContent = length;
      this.position.setAttribute('aria-valuetext', `${text} of ${length} so far`);
    }
    this.onDraw?.(now);
  }
}

/** Sound of a few words, beside the story. */
export async function hear(blob) {
  const address = URL.createObjectURL(blob);
  const audio = new Audio(address);
  try {
    await audio.play();
    await new Promise((resolve) => {
      audio.onended = resolve;
      audio.onerror = resolve;
    });
  } catch (error) {
    show.fault(`The sound can’t be played: ${error.message}`);
  } finally {
    URL.revokeObjectURL(address);
  }
}
