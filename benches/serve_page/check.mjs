// Opens the page of `serve` in Chromium, as newsrooms do: pastes a story and hears it, by mouse, by keyboard, on a small screen.
//
//     node benches/serve_page/check.mjs [BINARY] [FAST VOICE]
//
// Prints a line a trial; the exit code is 1 when one went wrong. `make serve-page-check` installs what it needs into target/page-check.
// With SHOTS=FOLDER pictures of the page are left there. With ONLY=cancels,plays no other trials are made.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LISTENER } from '../page/heard.mjs';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const SHEETS = ['page', 'player', 'story', 'reports', 'media'].map((name) => join(ROOT, `src/serve/page/${name}.css`));
const require = createRequire(join(ROOT, 'target/page-check/package.json'));
const { chromium } = require('playwright-core');
const { AxeBuilder } = require('@axe-core/playwright');

/** Milliseconds from the click to the first sound in the page. */
const FIRST_SOUND = 600;
/** A word may be lit this much too early or too late, in seconds. */
const TOLERANCE = 0.08;
const STORY = `Port reopens after a long winter\n\nThe port of Gdarsk reopened on Monday after 14 weeks of ice. Ships came back at noon, the harbour master said, and the first of them brought $1.2 million worth of oranges.\n
“We had nearly forgotten how they smell,” said Ann Wyrtheim, who runs a stall on the quay. Trucks left for the north in the afternoon.\n
The town expects 40 more ships this week. The ice had kept them at anchor since 9 January.\n`;
const LONG = Array.from({ length: 40 }, (_, number) => `Paragraph ${number + 1} of a long story. ${STORY.split('\n\n')[1]}`).join('\n\n');
/** A paragraph is one request. This one has more than half an hour of sound, so that it is still being made when something happens to it. */
const ENDLESS = Array.from({ length: 4 }, () => LONG.replaceAll('\n\n', ' ')).join(' ');
const PAGE = `<!DOCTYPE html><html lang="en"><title>Port reopens</title><nav><a href="/">Home</a> <a href="/w">World</a></nav><article><h1>Port reopens</h1>
<p>The port reopened on Monday after fourteen weeks of ice. Ships came back at noon, and the first of them brought oranges from the south.</p>
<p>Trucks left for the north in the afternoon, and the town expects forty more ships this week.</p></article><footer>Share this article</footer></html>`;
const binary = resolve(process.argv[2] ?? join(ROOT, 'target/release/audio-report'));
const fast = process.argv[3] ?? 'fast_heart';
const folder = mkdtempSync(join(tmpdir(), 'serve-page-check-'));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const servers = [];
let faults = 0;

function tell(name, isRight, text) {
  faults += isRight ? 0 : 1;
  console.log(`${isRight ? 'ok  ' : 'FAIL'} ${name}: ${text}`);
}

async function serve(voice, ...options) {
  const child = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--voice', voice, '--reports', `reports-${servers.length}`, ...options], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  servers.push(child);
  for await (const line of createInterface(child.stdout)) {
    const address = /page to listen on is at (\S+)/.exec(line)?.[1];
    if (address) return { address, id: child.pid };
  }
  throw new Error(`no server with the voice ${voice}`);
}

/** Opens the page; what goes wrong in it is collected in `wrong`. */
async function open({ address }, settings = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 860 }, ...settings });
  const page = await context.newPage();
  page.wrong = [];
  page.on('console', (message) => message.type() === 'error' && !/status of 40[0134]/.test(message.text()) && page.wrong.push(message.text()));
  page.on('pageerror', (error) => page.wrong.push(error.message));
  page.on('dialog', (dialog) => { page.wrong.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', (request) => new URL(request.url()).origin !== new URL(address).origin && !request.url().startsWith('blob:') && page.wrong.push(`asks ${request.url()}`));
  await settings.before?.(page);
  await page.goto(address);
  await page.waitForSelector('.source:not([hidden]), .sign-in:not([hidden])');
  return page;
}

/** Pastes as people do: into the field, by the clipboard. */
async function paste(page, text) {
  await page.evaluate((pasted) => {
    const field = document.querySelector('#text');
    field.focus();
    field.select();
    document.execCommand('insertText', false, pasted);
  }, text);
}

const state = (page) => page.evaluate(() => ({
  isPlaying: document.querySelector('.player').classList.contains('playing'),
  now: Number(document.querySelector('.position').value),
  made: Number(document.querySelector('.position').max),
  lit: [...document.querySelectorAll('.sentence > .lit')].map((word) => word.textContent).join(' '),
  sentence: [...document.querySelectorAll('.sentence')].findIndex((link) => link.getAttribute('aria-current')),
  fault: document.querySelector('.fault').textContent,
  focus: document.activeElement.className,
}));

const until = (page, isSo, ...given) => page.waitForFunction(isSo, ...given, { timeout: 20_000 });
const shot = async (page, name) => process.env.SHOTS && page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: name.includes('whole') });
const ms = (number) => `${Math.round(number)} ms`;
const within = (name, page, found, text) => tell(name, !found.length && !page.wrong.length, found.length || page.wrong.length ? JSON.stringify([...found, ...page.wrong]) : text);

/** From the click to the first sample that can be heard, as the thread of the sound reports it. */
async function firstSound(server) {
  const times = [];
  const wrong = [];
  for (let trial = 0; trial < 9; trial += 1) {
    const page = await open(server);
    // Nothing of an earlier trial is remembered.
    await paste(page, STORY.replace('14 weeks', `${trial + 3} weeks and ${trial + 2} days`).replace('Port reopens', `Port ${trial + 1} reopens`));
    await page.waitForTimeout(120);
    await page.click('.listen');
    await until(page, () => performance.getEntriesByName('audible').length > 0);
    times.push(await page.evaluate(() => performance.getEntriesByName('audible')[0].startTime - performance.getEntriesByName('listen').at(-1).startTime));
    await page.waitForTimeout(1500);
    const { isPlaying, now, lit } = await state(page);
    if (!isPlaying || now < 0.5 || !lit) wrong.push([trial, isPlaying, now, lit]);
    wrong.push(...page.wrong);
    await page.context().close();
  }
  const sorted = [...times].sort((a, b) => a - b);
  const [median, worst] = [sorted[sorted.length >> 1], sorted.at(-1)];
  tell('first sound', worst <= FIRST_SOUND && !wrong.length,
    `${ms(median)} after the click (median of ${times.length}; ${ms(sorted[0])} to ${ms(worst)}; the first ${ms(times[0])})${wrong.length ? `; wrong: ${JSON.stringify(wrong)}` : ''}`);
}

/** A whole story that comes in one piece, to a page that was busy: what the thread of the sound said before it got any sound is read after all of it. */
async function comesAtOnce(server) {
  const page = await open(server, {
    before: (opened) => opened.addInitScript(() => {
      const real = globalThis.fetch;
      globalThis.fetch = async (...request) => {
        const answer = await real(...request);
        if (!request[0].endsWith('/v1/audio/speech')) return answer;
        const all = new Uint8Array(await answer.arrayBuffer());
        const begun = performance.now();
        while (performance.now() - begun < 100);
        return new Response(new ReadableStream({
          start(stream) {
            stream.enqueue(all);
            stream.close();
          },
        }), answer);
      };
    }),
  });
  await paste(page, 'Ships came back at noon, the harbour master said.');
  await page.waitForTimeout(600);
  await page.click('.listen');
  await until(page, () => Number(document.querySelector('.position').max) > 1);
  await page.waitForTimeout(700);
  const { isPlaying, now, lit, made } = await state(page);
  const found = isPlaying && now > 0.2 && lit ? [] : [[isPlaying, now, lit, made]];
  // It ends by itself as well.
  if (isPlaying) await until(page, () => !document.querySelector('.player').classList.contains('playing'));
  const end = (await state(page)).now;
  if (made - end > 0.15) found.push(['ends early', end, made]);
  within('comes at once', page, found, `a story that is there in one piece is heard to its end, after ${made} s`);
  await page.context().close();
}

/** When words are lit against when they are heard; the stand-in voice beeps once a word or more, and is silent in between. */
async function lightsUp(server) {
  const page = await open(server, {
    bypassCSP: true,
    before: (opened) => opened.addInitScript(() => {
      const connect = AudioNode.prototype.connect;
      AudioNode.prototype.connect = function (to, ...rest) {
        if (to instanceof AudioDestinationNode) globalThis.sounding = this;
        return connect.call(this, to, ...rest);
      };
    }),
  });
  await paste(page, STORY);
  await until(page, () => globalThis.sounding);
  await page.evaluate(async (code) => {
    const { context } = sounding;
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
    const listener = new AudioWorkletNode(context, 'listener');
    sounding.connect(listener).connect(context.destination);
    globalThis.begun = [];
    globalThis.lit = [];
    listener.port.onmessage = ({ data }) => begun.push(data);
    new MutationObserver((seen) => {
      for (const { target } of seen) {
        if (target.localName === 'span' && target.classList.contains('lit')) lit.push([target.textContent, context.currentTime - (context.outputLatency + context.baseLatency)]);
      }
    }).observe(document.querySelector('.story'), { attributes: true, attributeFilter: ['class'], subtree: true });
  }, LISTENER);
  await page.click('.listen');
  await page.waitForTimeout(11_000);
  const [begun, lit] = await page.evaluate(() => [begun, lit]);
  // The second token of what is one word to the voice is lit with the first.
  const words = lit.filter(([, time], index) => index === 0 || time - lit[index - 1][1] > 0.02);
  const delays = words.map(([, time]) => begun.map((onset) => time - onset).reduce((least, delay) => (Math.abs(delay) < Math.abs(least) ? delay : least), 9)).sort((a, b) => a - b);
  const late = delays.filter((delay) => Math.abs(delay) > TOLERANCE);
  const [first, middle, last] = [0, delays.length >> 1, delays.length - 1].map((index) => ms(delays[index] * 1000));
  within('words light up', page, delays.length >= 15 && !late.length ? [] : [`${delays.length} words`, ...late],
    `${delays.length} words, lit ${middle} after they begin to sound (${first} to ${last})`);
  await page.context().close();
}

const speakingThreads = (id) => readdirSync(`/proc/${id}/task`).filter((task) => {
  try {
    return readFileSync(`/proc/${id}/task/${task}/comm`, 'utf8').trim() === 'request';
  } catch {
    return false;
  }
}).length;

async function cancels(server) {
  const found = [];
  const page = await open(server);
  const ended = [];
  page.on('requestfailed', (request) => ended.push(request.url()));
  await paste(page, ENDLESS);
  await page.click('.listen');
  await until(page, () => Number(document.querySelector('.position').max) > 3);
  if (!speakingThreads(server.id)) found.push('nothing speaks before');
  await page.click('.cancel');
  const begun = Date.now();
  while (speakingThreads(server.id) && Date.now() - begun < 5000) await page.waitForTimeout(20);
  const time = Date.now() - begun;
  if (speakingThreads(server.id)) found.push('the server still speaks');
  if (!ended.some((url) => url.endsWith('/v1/audio/speech'))) found.push('no request was ended');
  const stopped = await state(page);
  await page.waitForTimeout(600);
  const later = await state(page);
  if (later.isPlaying || later.made !== stopped.made) found.push(['goes on', stopped, later]);
  // It can be heard again, and goes on where it was stopped.
  await page.click('.play');
  await page.evaluate(() => { document.querySelector('.position').value = 1e6; document.querySelector('.position').dispatchEvent(new Event('input')); });
  await until(page, (made) => Number(document.querySelector('.position').max) > made + 1, stopped.made);
  await page.click('.cancel');
  within('cancel', page, found, `the server is still ${ms(time)} after; it goes on when it is wanted`);
  await page.context().close();
}

async function plays(server) {
  const found = [];
  const page = await open(server);
  await paste(page, STORY);
  await page.click('.listen');
  await until(page, () => Number(document.querySelector('.position').max) > 12);
  await page.click('.play');
  const paused = await state(page);
  await page.waitForTimeout(400);
  const still = await state(page);
  if (still.isPlaying || Math.abs(still.now - paused.now) > 0.15) found.push(['pause', paused, still]);
  for (const [number, word] of [[3, '“We'], [1, 'The']]) {
    await page.locator('.sentence').nth(number).click({ position: { x: 4, y: 6 } });
    await page.waitForTimeout(350);
    const jumped = await state(page);
    if (!jumped.isPlaying || jumped.sentence !== number) found.push(['jump', number, word, jumped]);
  }
  await page.click('.play');
  await page.evaluate(() => { document.querySelector('.position').value = 6; document.querySelector('.position').dispatchEvent(new Event('input')); });
  await page.waitForTimeout(150);
  const sought = await state(page);
  if (Math.abs(sought.now - 6) > 0.2 || !sought.lit) found.push(['seek', sought]);
  // Another speed: the sentence begins again, in fewer seconds.
  const whole = (await state(page)).made;
  await page.locator('.sentence').nth(0).click();
  await page.selectOption('.player .speed', '2');
  await until(page, () => Number(document.querySelector('.position').max) > 3);
  await page.waitForTimeout(1500);
  const faster = await state(page);
  if (!faster.isPlaying || faster.made > whole * 0.75) found.push(['speed', whole, faster]);
  within('plays', page, found, 'pauses, jumps by a sentence and by the slider, changes its speed');
  await page.context().close();
}

async function keyboard(server) {
  const found = [];
  const page = await open(server);
  const press = async (key, isRight, name) => {
    await page.keyboard.press(key);
    await page.waitForTimeout(200);
    const now = await state(page);
    if (!isRight(now)) found.push([name, now]);
    return now;
  };
  await page.keyboard.press('Tab');
  await page.keyboard.insertText(STORY);
  await press('Tab', ({ focus }) => focus.includes('listen'), 'tab to the button');
  await page.keyboard.press('Enter');
  await until(page, () => Number(document.querySelector('.position').max) > 10);
  await press('Tab', ({ isPlaying }) => isPlaying, 'it speaks');
  await page.focus('.play');
  await press('Space', ({ isPlaying }) => !isPlaying, 'space pauses');
  await press('Space', ({ isPlaying }) => isPlaying, 'space plays');
  await press('ArrowRight', ({ sentence }) => sentence === 1, 'on');
  await press('ArrowRight', ({ sentence }) => sentence === 2, 'on again');
  await press('ArrowLeft', ({ sentence }) => sentence === 1, 'back');
  await press('ArrowUp', () => true, 'faster');
  if (await page.inputValue('.player .speed') !== '1.25') found.push('the speed');
  await page.keyboard.press('ArrowDown');
  // Every stop can be seen, and is not behind the player.
  for (const viewport of [{ width: 1200, height: 860 }, { width: 320, height: 640 }]) {
    await page.setViewportSize(viewport);
    await page.evaluate(() => { document.activeElement.blur(); document.querySelector('.follow').checked = false; });
    for (let stop = 0; stop < 40; stop += 1) {
      await page.keyboard.press('Tab');
      const seen = await page.evaluate(() => {
        const active = document.activeElement;
        if (active === document.body) return null;
        const { left, top, width, height } = active.getClientRects()[0];
        const there = document.elementFromPoint(left + width / 2, top + height / 2);
        return { isSeen: active === there || active.contains(there), outline: getComputedStyle(active).outlineStyle, name: active.className || active.id, top };
      });
      if (!seen) break;
      if (!seen.isSeen || seen.outline === 'none') found.push([viewport.width, seen]);
    }
  }
  within('keyboard', page, found, 'from the field to the sound, in the player, and through all stops');
  await page.context().close();
}

const MODES = {
  light: {}, dark: { colorScheme: 'dark' }, 'forced colours': { forcedColors: 'active' }, 'more contrast': { contrast: 'more' },
  '320 px': { viewport: { width: 320, height: 640 } }, 'dark, 320 px': { colorScheme: 'dark', viewport: { width: 320, height: 640 } },
};

async function accessible(server, guarded) {
  for (const [mode, settings] of Object.entries(MODES)) {
    const found = [];
    let checks = 0;
    const look = async (page, view) => {
      const { violations, passes } = await new AxeBuilder({ page }).analyze();
      checks += passes.length;
      found.push(...violations.map(({ id, nodes }) => `${view}: ${id} at ${nodes.map(({ target }) => target).slice(0, 3)}`));
      found.push(...await page.evaluate(() => {
        const small = [...document.querySelectorAll('button, select, input:not([type=checkbox]), .tick, .reports a')].filter((target) => target.checkVisibility())
          .map((target) => [target.className || target.textContent, target.getBoundingClientRect()])
          .filter(([, { width, height }]) => width < 24 || height < 24).map(([target, { width, height }]) => `${target} has ${width}×${height} px`);
        const wide = document.documentElement.scrollWidth - innerWidth;
        // WCAG 2.2, 1.4.12.
        document.body.style.cssText = 'line-height: 1.5; letter-spacing: 0.12em; word-spacing: 0.16em';
        const spaced = document.documentElement.scrollWidth - innerWidth;
        document.body.style.cssText = '';
        return [...small, ...(wide > 0 ? [`${wide} px too wide`] : []), ...(spaced > 0 ? [`${spaced} px too wide with more space`] : [])];
      }).then((all) => all.map((one) => `${view}: ${one}`)));
      await shot(page, `${view}-${mode.replaceAll(/\W+/g, '-')}`);
    };
    const closed = await open(guarded, settings);
    await look(closed, 'sign-in');
    await closed.context().close();
    const page = await open(server, settings);
    await look(page, 'source');
    await paste(page, STORY);
    await page.click('.listen');
    await until(page, () => document.querySelector('.sentence > .lit'));
    await page.waitForTimeout(2500);
    await page.click('.play');
    await look(page, 'reading');
    await shot(page, `whole-${mode.replaceAll(/\W+/g, '-')}`);
    within(`axe, ${mode}`, page, found, `0 violations, ${checks} rules passed, in three views`);
    await page.context().close();
  }
}

/** The page of a server that has no more than speech. */
async function alone(server) {
  const found = [];
  const page = await open(server, {
    before: async (opened) => {
      for (const path of ['explain', 'reports', 'lexicon']) {
        await opened.route(`**/v1/${path}`, (route) => route.fulfill({ status: 404, contentType: 'application/json', body: '{"error":{"message":"There is nothing at this path.","code":"unknown_url"}}' }));
      }
    },
  });
  await page.fill('#text', 'https://news.example/story');
  await page.click('.listen');
  await until(page, () => !document.querySelector('.fault').hidden);
  if (!(await state(page)).fault.includes('Paste its text')) found.push(await state(page));
  await page.fill('#text', STORY);
  await page.click('.listen');
  await until(page, () => document.querySelector('.sentence > .lit'));
  const { fault, isPlaying } = await state(page);
  if (fault || !isPlaying) found.push([fault, isPlaying]);
  if (await page.locator('.reports').isVisible() || !(await page.locator('.keep button').first().isDisabled())) found.push('reports are offered');
  if (!(await page.textContent('.keep .hint')).includes('makes no reports')) found.push('no word about reports');
  within('a server with less', page, found, 'speaks, and says what it can’t do');
  await page.context().close();
}

/** A story of several requests. */
async function goesOn(server) {
  const found = [];
  const page = await open(server);
  await paste(page, LONG);
  await page.click('.listen');
  const seek = (time) => page.evaluate((to) => { document.querySelector('.position').value = to; document.querySelector('.position').dispatchEvent(new Event('input')); }, time);
  let made = 0;
  for (let still = 0; still < 5; still += 1) {
    await page.waitForTimeout(400);
    const now = (await state(page)).made;
    if (now !== made) still = 0;
    made = now;
  }
  await page.waitForTimeout(700);
  if ((await state(page)).made !== made) found.push('more is made than anybody hears soon');
  await seek(made - 1);
  await until(page, (before) => Number(document.querySelector('.position').max) > before + 5, made);
  await page.click('.play');
  await seek(made + 0.9);
  await page.waitForTimeout(150);
  const { lit, sentence } = await state(page);
  const text = await page.locator('.sentence').nth(sentence).textContent();
  if (lit !== 'Paragraph' || !/^Paragraph \d+ of/.test(text)) found.push([lit, text]);
  within('a long story', page, found, `goes on after ${Math.round(made)} s, at its next paragraph, when that is wanted`);
  await page.context().close();
}

/** Pages: from a file, dropped, by an address. */
async function pages(server) {
  const found = [];
  const site = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE));
  await new Promise((listening) => site.listen(0, '127.0.0.1', listening));
  const ways = {
    file: (page) => page.setInputFiles('.file', { name: 'port.html', mimeType: 'text/html', buffer: Buffer.from(PAGE) }),
    dropped: (page) => page.evaluate((content) => {
      const data = new DataTransfer();
      data.items.add(new File([content], 'port.html', { type: 'text/html' }));
      for (const type of ['dragover', 'drop']) document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
    }, PAGE),
    address: async (page) => {
      await paste(page, `http://127.0.0.1:${site.address().port}/port`);
      await page.click('.listen');
    },
  };
  for (const [name, way] of Object.entries(ways)) {
    const page = await open(server);
    await page.mouse.click(5, 5);
    await way(page);
    await until(page, () => document.querySelector('.sentence > .lit'));
    const title = await page.textContent('.story h1');
    await page.click('.left-out summary');
    const out = await page.locator('.left-out li').allTextContents();
    if (title !== 'Port reopens' || !out.some((piece) => piece.includes('World')) || out.some((piece) => piece.includes('oranges'))) found.push([name, title, out]);
    found.push(...page.wrong);
    await page.context().close();
  }
  site.close();
  tell('pages', !found.length, found.length ? JSON.stringify(found) : 'from a file, dropped, by an address: the story is found, and what is left out is shown');
}

/** A server that dies while it speaks. */
async function dies() {
  const found = [];
  const server = await serve('tone');
  const page = await open(server);
  await paste(page, ENDLESS);
  await page.click('.listen');
  await until(page, () => Number(document.querySelector('.position').max) > 2);
  process.kill(server.id, 'SIGKILL');
  await page.waitForTimeout(1500);
  const { isPlaying, now, fault: told } = await state(page);
  if (!isPlaying || now < 1) found.push(['what is there is not played', isPlaying, now]);
  if (!told.includes('broke off')) found.push(['nothing is told', told]);
  await page.evaluate(() => { document.querySelector('.position').value = 1e6; document.querySelector('.position').dispatchEvent(new Event('input')); });
  await until(page, () => !document.querySelector('.fault').hidden && !document.querySelector('.player').classList.contains('playing'));
  const { fault } = await state(page);
  page.wrong = page.wrong.filter((text) => !/ERR_/.test(text));
  within('a server that dies', page, found, `what is there is heard, then: ${fault}`);
  await page.context().close();
}

async function signsIn(guarded) {
  const found = [];
  const page = await open(guarded);
  if (await page.locator('.source').isVisible()) found.push('open to everybody');
  await page.fill('#secret', 'wrong');
  await page.click('.sign-in button');
  await until(page, () => !document.querySelector('.fault').hidden);
  await page.fill('#secret', 'abc');
  await page.click('.sign-in button');
  await page.waitForSelector('.source:not([hidden])');
  await page.reload();
  await page.waitForSelector('.source:not([hidden])');
  if (await page.evaluate(() => document.cookie)) found.push('scripts see the cookie');
  await page.fill('#text', STORY);
  await page.click('.listen');
  await until(page, () => document.querySelector('.sentence > .lit'));
  await page.click('.sign-out');
  await page.waitForSelector('.sign-in:not([hidden])');
  within('signs in', page, found, 'by a token, once; a reload stays in, and it can go out');
  await page.context().close();
}

async function respells(server) {
  const found = [];
  const page = await open(server);
  await paste(page, STORY);
  await page.waitForTimeout(600);
  await page.click('.listen');
  await until(page, () => document.querySelector('.sentence > .lit'));
  if (!(await page.locator('.unknown-words').isVisible())) return tell('respells', false, 'no unknown word is shown');
  const item = page.locator('.unknown-words li', { hasText: 'Gdarsk' });
  await item.locator('input').fill('g7');
  await item.getByRole('button', { name: 'Hear' }).click();
  await item.locator('.wrong').waitFor();
  await item.locator('input').fill('guh-DARSK');
  const heard = page.waitForRequest((request) => request.url().endsWith('/v1/audio/speech') && request.postData().includes('"words":{"Gdarsk":"guh-DARSK"}'));
  await item.getByRole('button', { name: 'Hear' }).click();
  await heard;
  const used = page.waitForRequest((request) => request.postData()?.includes('pcm') && request.postData().includes('guh-DARSK'));
  await item.getByRole('button', { name: 'Use' }).click();
  await page.click('.play');
  await used;
  await item.getByRole('button', { name: 'Save' }).click();
  await page.waitForSelector('.saved-words:not([hidden])');
  const saved = readFileSync(join(folder, 'words.toml'), 'utf8');
  if (!saved.includes('Gdarsk = "guh-DARSK"')) found.push(saved);
  await page.click('.saved-words summary');
  await page.getByRole('button', { name: 'Remove Gdarsk' }).click();
  await until(page, () => document.querySelector('.saved-words').hidden);
  within('respells', page, found, 'a wrong one is told, a right one heard, used, saved and taken out again');
  return page.context().close();
}

async function keeps(server) {
  const found = [];
  const page = await open(server);
  await paste(page, STORY);
  await page.click('.listen');
  await until(page, () => document.querySelector('.sentence > .lit'));
  const download = page.waitForEvent('download', { timeout: 60_000 });
  await page.click('.keep button[data-kind=audio]');
  await page.waitForSelector('.reports li');
  const file = await download;
  if (!file.suggestedFilename().endsWith('.mp3')) found.push(file.suggestedFilename());
  await page.waitForSelector('.reports .files a');
  const captions = page.waitForEvent('download', { timeout: 20_000 });
  await page.click('.keep button[data-kind=captions]');
  await captions;
  if (await page.locator('.reports li').count() !== 1) found.push('the same report was made twice');
  await shot(page, 'whole-reports');
  await page.getByRole('button', { name: /^Delete/ }).click();
  await until(page, () => !document.querySelector('.reports li'));
  await page.context().close();
  const slow = await open(server);
  await paste(slow, LONG);
  await slow.click('.listen');
  await until(slow, () => document.querySelector('.sentence > .lit'));
  await slow.click('.keep button[data-kind=audio]');
  await slow.getByRole('button', { name: /^Cancel/ }).click();
  await until(slow, () => !document.querySelector('.reports progress'));
  within('keeps', slow, [...found, ...page.wrong], 'a report with its progress, its files; deleted, cancelled');
  await slow.context().close();
}

function validates() {
  try {
    execFileSync('java', ['-jar', require('vnu-jar'), '--errors-only', join(ROOT, 'src/serve/page/index.html')], { stdio: 'pipe' });
    execFileSync('java', ['-jar', require('vnu-jar'), '--errors-only', '--css', ...SHEETS], { stdio: 'pipe' });
    tell('HTML and CSS', true, 'the Nu checker finds no error');
  } catch (error) {
    tell('HTML and CSS', false, String(error.stderr));
  }
}

try {
  writeFileSync(join(folder, 'tokens'), `${createHash('sha256').update('abc').digest('hex')} ann\n`, { mode: 0o600 });
  const tone = await serve('tone', '--save-words', 'words.toml');
  const guarded = await serve('tone', '--token-file', 'tokens');
  const has = async (path, method, body) => (await fetch(new URL(path, tone.address), { method, headers: { 'Content-Type': 'application/json' }, body })).status < 400;
  const only = process.env.ONLY?.split(',');
  const trials = {
    firstSound: async () => firstSound(await serve(fast)),
    comesAtOnce: () => comesAtOnce(tone),
    lightsUp: () => lightsUp(tone),
    cancels: () => cancels(tone),
    plays: () => plays(tone),
    goesOn: () => goesOn(tone),
    dies,
    keyboard: () => keyboard(tone),
    alone: () => alone(tone),
    signsIn: () => signsIn(guarded),
    respells: async () => (await has('/v1/explain', 'POST', '{"input":"One."}') ? respells(tone) : console.log('skip respells: the server explains nothing')),
    pages: async () => (await has('/v1/explain', 'POST', '{"input":"One."}') ? pages(await serve('tone', '--allow-private')) : console.log('skip pages: the server explains nothing')),
    keeps: async () => (await has('/v1/reports', 'GET') ? keeps(tone) : console.log('skip keeps: the server makes no reports')),
    accessible: () => accessible(tone, guarded),
    validates,
  };
  for (const [name, trial] of Object.entries(trials)) {
    if (only && !only.includes(name)) continue;
    try {
      await trial();
    } catch (error) {
      tell(name, false, error.stack);
    }
  }
} finally {
  await browser.close();
  for (const server of servers) server.kill();
  rmSync(folder, { recursive: true });
}
console.log(faults ? `${faults} trials went wrong` : 'all trials went right');
process.exitCode = faults ? 1 : 0;
