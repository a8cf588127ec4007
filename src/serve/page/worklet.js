// Plays what came so far, on the thread of the sound. Samples stay, so that a listener can go back.

/** Samples over which sound comes and goes, so that nothing clicks. */
const RAMP = 240;
/** Below this a sample is not heard. */
const AUDIBLE = 0.003;
/** Samples of silence that are left before the first sound. */
const BREATH = 240;
/** The page is told where the sound is once in so many calls of 128 samples. */
const OFTEN = 4;

registerProcessor('voice', class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.clear();
    this.calls = 0;
    this.order = 0;
    this.port.onmessage = ({ data }) => {
      if (data.samples) {
        this.blocks.push({ start: this.total, samples: data.samples });
        this.total += data.samples.length;
      }
      if (data.order) this.order = data.order;
      if (data.clear) this.clear();
      if (data.seek !== undefined) {
        this.at = Math.min(Math.max(data.seek, 0), this.total);
        this.block = 0;
        this.gain = 0;
      }
      if (data.playing !== undefined) this.playing = data.playing;
      if (data.listen) [this.isAwaited, this.isSkipping] = [true, true];
      this.tell();
    };
  }

  clear() {
    this.blocks = [];
    this.total = 0;
    this.at = 0;
    this.block = 0;
    this.gain = 0;
    this.playing = false;
    this.isAwaited = false;
    this.isSkipping = false;
  }

  /** A sound begins with a moment of silence, which nobody who waits for it needs. */
  skip() {
    for (const { start, samples } of this.blocks) {
      const first = samples.findIndex((sample) => Math.abs(sample) > AUDIBLE * 32768);
      if (first < 0) continue;
      this.at = Math.max(this.at, start + first - BREATH);
      this.isSkipping = false;
      return;
    }
    this.at = Math.max(this.at, this.total - BREATH);
  }

  /** The sample at the position, or nothing when it did not come yet. */
  next() {
    if (this.at >= this.total) return undefined;
    let block = this.blocks[this.block];
    if (!block || this.at < block.start || this.at >= block.start + block.samples.length) {
      let [low, high] = [0, this.blocks.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.blocks[middle].start <= this.at) low = middle + 1;
        else high = middle;
      }
      this.block = low - 1;
      block = this.blocks[this.block];
    }
    const sample = block.samples[this.at - block.start] / 32768;
    this.at += 1;
    return sample;
  }

  process(_inputs, [[out]]) {
    if (this.isSkipping && this.playing && this.total) this.skip();
    for (let index = 0; index < out.length; index += 1) {
      const goal = this.playing ? 1 : 0;
      if (this.gain < goal) this.gain = Math.min(goal, this.gain + 1 / RAMP);
      else if (this.gain > goal) this.gain = Math.max(goal, this.gain - 1 / RAMP);
      if (!this.gain) break;
      const sample = this.next();
      if (sample === undefined) break;
      out[index] = sample * this.gain;
      if (this.isAwaited && Math.abs(out[index]) > AUDIBLE) {
        this.isAwaited = false;
        this.port.postMessage({ audible: currentTime + index / sampleRate });
      }
    }
    this.calls += 1;
    if (this.calls % OFTEN === 0) this.tell();
    return true;
  }

  tell() {
    this.port.postMessage({ order: this.order, at: this.at, total: this.total, time: currentTime, isDry: this.playing && this.at >= this.total });
  }
});
