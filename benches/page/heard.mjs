// When a word is heard against when it is lit. The sound is taken from the browser's own player, after its decoder.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';

const TYPES = { html: 'text/html', wav: 'audio/wav', mp3: 'audio/mpeg', opus: 'audio/ogg' };

/** A server of a folder: a browser does not give out the sound of a file without one. */
function serve(folder) {
  const server = createServer((request, response) => {
    const path = join(folder, decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    const type = TYPES[path.split('.').pop()];
    if (!type) return response.writeHead(404).end();
    const { size } = statSync(path);
    const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '');
    const [start, end] = range ? [Number(range[1]), range[2] ? Number(range[2]) : size - 1] : [0, size - 1];
    response.writeHead(range ? 206 : 200, {
      'content-type': type, 'accept-ranges': 'bytes', 'content-length': end - start + 1,
      ...(range && { 'content-range': `bytes ${start}-${end}/${size}` }),
    });
    return createReadStream(path, { start, end }).pipe(response);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** A worklet that tells when sound begins after a silence of 20 ms. The times are those of the audio context. */
export const LISTENER = `registerProcessor('listener', class extends AudioWorkletProcessor {
  silent = 1;
  process([[samples]]) {
    for (let index = 0; samples && index < samples.length; index += 1) {
      if (Math.abs(samples[index]) < 0.004) this.silent += 1 / sampleRate;
      else {
        if (this.silent > 0.02) this.port.postMessage(currentTime + index / sampleRate);
        this.silent = 0;
      }
    }
    return true;
  }
});`;

/** Compares the times for some seconds; the stand-in voice beeps once a word or more, and is silent in between. */
export async function heard(browser, { page: path, words }, tolerance) {
  const server = await serve(dirname(path));
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/${encodeURIComponent(path.slice(dirname(path).length + 1))}`);
  await page.waitForFunction(() => document.querySelector('audio').readyState > 0);
  await page.mouse.click(1, 1);
  await page.evaluate(async (code) => {
    const [audio, sound] = [document.querySelector('audio'), new AudioContext()];
    await sound.audioWorklet.addModule(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
    const listener = new AudioWorkletNode(sound, 'listener');
    sound.createMediaElementSource(audio).connect(listener).connect(sound.destination);
    globalThis.begun = [];
    globalThis.lit = [];
    listener.port.onmessage = ({ data }) => begun.push(data);
    const all = [...document.querySelectorAll('.sentence > span')];
    new MutationObserver((seen) => {
      for (const { target } of seen) if (target.classList.contains('lit')) lit.push([all.indexOf(target), sound.currentTime]);
    }).observe(document.querySelector('article'), { attributes: true, attributeFilter: ['class'], subtree: true });
    await sound.resume();
    audio.currentTime = 4;
    audio.play();
  }, LISTENER);
  await page.waitForTimeout(8000);
  const [begun, lit] = await page.evaluate(() => [begun, lit]);
  await context.close();
  server.close();
  // Words after a silence that the listener notices.
  const delays = lit.slice(2)
    .filter(([index]) => index > 0 && words[index].start - words[index - 1].end > 0.03)
    .map(([, time]) => begun.map((onset) => time - onset).reduce((least, delay) => (Math.abs(delay) < Math.abs(least) ? delay : least), 9))
    .sort((a, b) => a - b);
  const [first, middle, last] = [0, delays.length >> 1, delays.length - 1].map((index) => Math.round(delays[index] * 1000));
  const isRight = delays.length >= 8 && delays.every((delay) => Math.abs(delay) <= tolerance);
  return { isRight, text: `${delays.length} words, lit ${middle} ms after they begin to sound (${first} to ${last} ms)` };
}
