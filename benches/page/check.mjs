// Opens pages of `--page` in Chromium, as readers do: by mouse, by keyboard, in the dark, on a small screen, without a script.
//
//     node benches/page/check.mjs [BINARY]
//
// Prints a line a trial; the exit code is 1 when one went wrong. `make page-check` installs what it needs into target/page-check.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { heard } from './heard.mjs';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const TOOLS = join(ROOT, 'target/page-check');
const require = createRequire(join(TOOLS, 'package.json'));
const { chromium } = require('playwright-core');
const { AxeBuilder } = require('@axe-core/playwright');

// A word may be lit this much too early or too late, in seconds.
const TOLERANCE = 0.08;
const HOSTILE = `Port </script><script>alert(1)</script> & "quotes" <!-- \u202b\u05e9\u05dc\u05d5\u05dd\n\n
The port </style><img src=x onerror=alert(2)> reopened on Monday. Ships came back at noon.\n`;
const MARKDOWN = `---\ntitle: Port reopens\nauthor: Ann Lee\ndate: 2026-11-03\n---\n# Port reopens\n\nThe port reopened on Monday after a long winter.\n
## At sea\n\n> Ships came back, said the mayor.\n\n- One ship from the north\n- Two ships from the south\n\n## On land\n\nTrucks left at noon.\n`;
const NAMES = { summit: 'summit', hostile: '50% #1 "a"', short: 'short', list: 'list' };

const folder = mkdtempSync(join(tmpdir(), 'page-check-'));
const binary = process.argv[2] ?? join(ROOT, 'target/release/audio-report');
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
let faults = 0;

function tell(name, isRight, text) {
  faults += isRight ? 0 : 1;
  console.log(`${isRight ? 'ok  ' : 'FAIL'} ${name}: ${text}`);
}

function read(input, name, ending, ...options) {
  const sound = join(folder, `${name}.${ending}`);
  execFileSync(binary, ['read', '-q', '--voice', 'tone', '--page', '--captions', 'json', '--force', input, '-o', sound, ...options]);
  const page = join(folder, `${name}.html`);
  const json = (kind) => JSON.parse(readFileSync(join(folder, `${name}.${kind}.json`), 'utf8'));
  // What is said before the article is one piece.
  const { startTime: start, endTime: end, body: text } = json('transcript').segments[0];
  const announcement = { start, end, words: [{ text, start, end }] };
  const sentences = [announcement, ...json('words').sentences];
  return { sound, page, address: pathToFileURL(page).href, sentences, words: sentences.flatMap((sentence) => sentence.words) };
}

/** Opens a page; what goes wrong in it is collected in `wrong`. */
async function open(address, settings = {}) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 }, ...settings });
  const page = await context.newPage();
  page.wrong = [];
  page.asked = [];
  page.on('console', (message) => message.type() === 'error' && page.wrong.push(message.text()));
  page.on('pageerror', (error) => page.wrong.push(error.message));
  page.on('dialog', (dialog) => { page.wrong.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', (request) => page.asked.push(request.url()));
  await page.goto(address);
  if (settings.javaScriptEnabled !== false) {
    await page.waitForFunction(() => document.querySelector('audio').readyState > 0 || document.querySelector('audio').error);
  }
  return page;
}

const state = (page) => page.evaluate(() => {
  const audio = document.querySelector('audio');
  const words = [...document.querySelectorAll('.sentence > span')];
  const links = [...document.querySelectorAll('.sentence')];
  return {
    now: audio.currentTime, paused: audio.paused, rate: audio.playbackRate,
    word: words.findIndex((word) => word.classList.contains('lit')),
    lit: document.querySelectorAll('.sentence > .lit').length,
    sentence: links.findIndex((link) => link.classList.contains('lit')),
    focus: document.activeElement.className, follow: document.querySelector('.follow').checked,
  };
});

/** The word that is spoken at a time; before the next one begins it stays lit. */
const wordAt = (words, seconds) => words.findLastIndex((word) => word.start <= seconds + 0.0005);

async function opens({ address, page: path, sound }) {
  const page = await open(address);
  await page.waitForTimeout(700);
  const { paused, now } = await state(page);
  const others = page.asked.filter((url) => ![address, pathToFileURL(sound).href].includes(url));
  const right = paused && now === 0 && !others.length && !page.wrong.length;
  tell(`opens ${path.slice(folder.length + 1)}`, right,
    right ? 'silent until asked, loads only its sound' : JSON.stringify({ paused, now, others, wrong: page.wrong }));
  await page.context().close();
}

/** Plays on at several places; each change of the lit word is compared with the times in the file of words. */
async function lights({ address, words, sound }) {
  const page = await open(address);
  await page.evaluate(() => {
    globalThis.changes = [];
    const audio = document.querySelector('audio');
    const all = [...document.querySelectorAll('.sentence > span')];
    new MutationObserver((seen) => {
      for (const { target } of seen) {
        if (target.localName === 'span' && target.classList.contains('lit') && !audio.paused) changes.push([all.indexOf(target), audio.currentTime]);
      }
    }).observe(document.querySelector('article'), { attributes: true, attributeFilter: ['class'], subtree: true });
  });
  const errors = [];
  const wrong = [];
  for (const share of [0, 0.2, 0.45, 0.7, 0.9]) {
    const from = words[Math.floor(share * words.length)].start - 0.05;
    await page.evaluate((time) => { document.querySelector('audio').currentTime = time; changes.length = 0; }, Math.max(from, 0));
    await page.click('.play');
    await page.waitForTimeout(2500);
    const { now, word, lit } = await state(page);
    await page.click('.play');
    if (lit !== 1 || Math.abs(wordAt(words, now) - word) > 1) wrong.push([now, word, lit]);
    // The first may have been lit by the jump.
    for (const [index, time] of (await page.evaluate(() => changes)).slice(1)) errors.push(time - words[index].start);
  }
  const worst = errors.reduce((most, error) => (Math.abs(error) > Math.abs(most) ? error : most), 0);
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const right = errors.length >= 20 && Math.abs(worst) <= TOLERANCE && !wrong.length && !page.wrong.length;
  tell(`lights up, ${sound.split('.').pop()}`, right,
    `${errors.length} words at 5 places, ${ms(mean)} late on average, ${ms(worst)} at worst${wrong.length ? `; wrong: ${JSON.stringify(wrong)}` : ''}`);
  for (const time of [0.33, 0.5, 0.61, 0.77, 0.99].map((share) => share * words.at(-1).start)) {
    await page.evaluate((now) => { document.querySelector('audio').currentTime = now; }, time);
    await page.waitForFunction(() => !document.querySelector('audio').seeking);
    await page.waitForTimeout(60);
    const { word } = await state(page);
    if (word !== wordAt(words, time)) tell('lights up after a jump', false, `word ${word} at ${time} s, not ${wordAt(words, time)}`);
  }
  await page.context().close();
}

const ms = (seconds) => `${Math.round(seconds * 1000)} ms`;

async function mouse({ address, sentences }) {
  const page = await open(address);
  const links = page.locator('.sentence');
  const found = [];
  for (const number of [5, 2, 9]) {
    await links.nth(number).click();
    await page.waitForTimeout(250);
    const { now, paused, sentence } = await state(page);
    const late = now - sentences[number].start;
    if (paused || sentence !== number || late < 0 || late > 1) found.push([number, now, paused, sentence]);
  }
  await page.evaluate(() => document.querySelector('audio').pause());
  // Selecting text is no jump.
  await links.nth(6).scrollIntoViewIfNeeded();
  await page.waitForTimeout(800);
  const box = await links.nth(6).boundingBox();
  const before = (await state(page)).now;
  await page.mouse.move(box.x + 5, box.y + 8);
  await page.mouse.down();
  await page.mouse.move(box.x + 150, box.y + 8, { steps: 5 });
  await page.mouse.up();
  const after = await state(page);
  const selected = await page.evaluate(() => String(getSelection()));
  if (after.now !== before || !after.paused || !selected) found.push(['selecting', after.now, before, selected]);
  await page.selectOption('.speed', '1.5');
  if ((await state(page)).rate !== 1.5) found.push(['speed']);
  await page.selectOption('.unit', 'sentence');
  const [word, sentence] = await page.evaluate(() => ['.sentence > .lit', '.sentence.lit'].map((lit) => getComputedStyle(document.querySelector(lit)).textDecorationLine));
  if (word !== 'none' || sentence !== 'underline') found.push(['unit', word, sentence]);
  tell('mouse', !found.length && !page.wrong.length, found.length ? JSON.stringify(found) : 'a click jumps and plays; selecting, speed and unit work');
  await page.context().close();
}

async function keyboard({ address, sentences }) {
  const page = await open(address);
  const found = [];
  const press = async (key, check, name) => {
    await page.keyboard.press(key);
    await page.waitForTimeout(150);
    const now = await state(page);
    if (!check(now)) found.push([name, now]);
    return now;
  };
  const near = (sentence) => ({ now }) => now >= sentences[sentence].start - 0.01 && now < sentences[sentence].start + 1;
  // Without the focus no key is the player's.
  for (const key of ['ArrowRight', ' ', 'ArrowUp', 'k']) await press(key, ({ now, paused, rate }) => now === 0 && paused && rate === 1, `no focus: ${key}`);
  let focus = '';
  for (let tab = 0; tab < 12 && focus !== 'play'; tab += 1) {
    await page.keyboard.press('Tab');
    focus = (await state(page)).focus;
  }
  await press('Space', ({ paused }) => !paused, 'space plays');
  await press('Space', ({ paused }) => paused, 'space pauses');
  await press('ArrowRight', near(1), 'on');
  await press('ArrowRight', near(2), 'on again');
  await press('ArrowLeft', near(1), 'back');
  await press('ArrowUp', ({ rate }) => rate === 1.25, 'faster');
  await press('ArrowDown', ({ rate }) => rate === 1, 'slower');
  await press('Tab', ({ focus: at }) => at === 'on', 'tab');
  await press('Tab', ({ focus: at }) => at === 'position', 'tab to the position');
  const before = (await state(page)).now;
  await press('ArrowRight', ({ now }) => now > before && now < before + 0.3, 'the slider has its own keys');
  for (let tab = 0; tab < 5; tab += 1) await page.keyboard.press('Tab');
  const number = await page.evaluate(() => [...document.querySelectorAll('.sentence')].indexOf(document.activeElement));
  if (number < 1) found.push(['tab to a sentence', number]);
  else await press('Enter', (now) => near(number)(now) && !now.paused, 'enter on a sentence');
  tell('keyboard', !found.length && !page.wrong.length, found.length ? JSON.stringify(found) : 'plays, pauses, goes back and on, changes the speed; no key without the focus');
  await page.context().close();
}

async function follows({ address, sentences }) {
  const page = await open(address, { viewport: { width: 800, height: 500 }, reducedMotion: 'reduce' });
  const found = [];
  const inSight = () => page.evaluate(() => {
    const [word, player] = ['.sentence > .lit', '.player'].map((name) => document.querySelector(name).getBoundingClientRect());
    return word.top >= player.bottom && word.bottom <= innerHeight;
  });
  await page.click('.play');
  for (const share of [0.3, 0.6, 0.9, 0.2]) {
    await page.evaluate((time) => { document.querySelector('audio').currentTime = time; }, share * sentences.at(-1).start);
    await page.waitForTimeout(700);
    if (!(await inSight())) found.push(`the word is out of sight at ${share}`);
  }
  await page.mouse.wheel(0, 2000);
  await page.waitForTimeout(900);
  if ((await state(page)).follow || (await inSight())) found.push('it follows a reader who went away');
  await page.check('.follow');
  await page.waitForTimeout(500);
  if (!(await inSight())) found.push('it does not come back');
  tell('follows', !found.length && !page.wrong.length, found.length ? found.join('; ') : 'keeps the word in sight, lets a reader go, comes back');
  await page.context().close();
}

/** Whether whatever has the focus can be seen, at every stop of the Tab key. */
async function focus({ address }) {
  const found = [];
  let stops = 0;
  for (const viewport of [{ width: 1000, height: 700 }, { width: 320, height: 640 }, { width: 640, height: 360 }]) {
    const page = await open(address, { viewport });
    for (const key of ['Tab', 'Shift+Tab']) {
      for (let stop = 0; stop < 60; stop += 1) {
        await page.keyboard.press(key);
        const seen = await page.evaluate(() => {
          const active = document.activeElement;
          if (active === document.body) return null;
          const { left, top, width, height } = active.getClientRects()[0];
          const there = document.elementFromPoint(left + width / 2, top + height / 2);
          const outline = getComputedStyle(active).outlineStyle;
          return { isSeen: active === there || active.contains(there), outline, name: active.className, top };
        });
        if (!seen) break;
        stops += 1;
        if (!seen.isSeen || seen.outline === 'none') found.push([viewport.width, seen]);
      }
    }
    await page.context().close();
  }
  tell('focus', stops > 100 && !found.length, found.length ? JSON.stringify(found.slice(0, 5)) : `seen at ${stops} stops on three screens`);
}

const MODES = {
  light: {}, dark: { colorScheme: 'dark' }, 'forced colours': { forcedColors: 'active' },
  'more contrast': { contrast: 'more' }, '320 px': { viewport: { width: 320, height: 640 } }, 'dark, 320 px': { colorScheme: 'dark', viewport: { width: 320, height: 640 } },
};

async function accessible(name, { address, words }) {
  for (const [mode, settings] of Object.entries(MODES)) {
    const page = await open(address, settings);
    const found = [];
    let checks = 0;
    for (const unit of ['word', 'sentence']) {
      await page.selectOption('.unit', unit);
      await page.evaluate((time) => { document.querySelector('audio').currentTime = time; }, words[Math.min(12, words.length - 1)].start);
      await page.waitForTimeout(200);
      const { violations, passes } = await new AxeBuilder({ page }).analyze();
      checks += passes.length;
      found.push(...violations.map(({ id, nodes }) => `${id} at ${nodes.map(({ target }) => target).slice(0, 3)}`));
    }
    const layout = await page.evaluate(() => {
      const small = [...document.querySelectorAll('button, select, .position, .follow, footer a')].map((target) => [target.className, target.getBoundingClientRect()])
        .filter(([, { width, height }]) => width < 24 || height < 24).map(([target, { width, height }]) => `${target} has ${width}×${height} px`);
      // WCAG 2.2, 1.4.12.
      const spaced = document.createElement('style');
      const wide = document.documentElement.scrollWidth - innerWidth;
      document.body.style.cssText = 'line-height: 1.5; letter-spacing: 0.12em; word-spacing: 0.16em';
      const spacedWide = document.documentElement.scrollWidth - innerWidth;
      return [...small, ...(wide > 0 ? [`${wide} px too wide`] : []), ...(spacedWide > 0 ? [`${spacedWide} px too wide with more space`] : [])];
    });
    found.push(...layout);
    tell(`axe, ${name}, ${mode}`, !found.length, found.length ? found.join('; ') : `0 violations, ${checks} rules passed`);
    await page.context().close();
  }
}

async function without({ address, sound }) {
  const plain = await open(address, { javaScriptEnabled: false });
  const shown = await plain.locator('audio').isVisible();
  const hidden = await plain.locator('.controls').isHidden();
  tell('without scripts', shown && hidden && await plain.locator('h1').isVisible(), 'the article and a plain player');
  await plain.context().close();
  const printed = await open(address);
  await printed.emulateMedia({ media: 'print' });
  tell('on paper', await printed.locator('.player').isHidden() && await printed.locator('.story').isVisible(), 'the article without the player');
  await printed.context().close();
  renameSync(sound, `${sound}.away`);
  const silent = await open(address);
  await silent.waitForTimeout(300);
  tell('without its sound', await silent.locator('.fault').isVisible(), 'says which file is missing');
  await silent.context().close();
  renameSync(`${sound}.away`, sound);
  const there = await open(`${address}#t=12.5`);
  await there.waitForTimeout(200);
  const { now, paused } = await state(there);
  tell('an address with a time', now === 12.5 && paused, `is at ${now} s`);
  await there.context().close();
}

function validates(pages) {
  const jar = require('vnu-jar');
  try {
    execFileSync('java', ['-jar', jar, '--errors-only', ...pages], { stdio: 'pipe' });
    tell('HTML', true, `the Nu checker finds no error in ${pages.length} pages`);
  } catch (error) {
    tell('HTML', false, String(error.stderr));
  }
}

try {
  const article = join(ROOT, 'tests/data/articles/summit.txt');
  const pages = {};
  for (const ending of ['mp3', 'opus', 'flac', 'wav']) {
    const made = read(article, NAMES.summit, ending);
    await opens(made);
    await lights(made);
    pages.summit = made;
  }
  for (const [name, text, ending] of [['hostile', HOSTILE, 'txt'], ['short', MARKDOWN, 'md']]) {
    writeFileSync(join(folder, `in-${name}.${ending}`), text);
    pages[name] = read(join(folder, `in-${name}.${ending}`), NAMES[name], 'mp3');
    await opens(pages[name]);
  }
  pages.list = read(join(ROOT, 'tests/data/articles/list.txt'), NAMES.list, 'opus');
  await mouse(pages.summit);
  await keyboard(pages.summit);
  await follows(pages.summit);
  await focus(pages.short);
  await focus(pages.summit);
  for (const name of ['summit', 'short', 'hostile']) await accessible(name, pages[name]);
  await without(pages.summit);
  for (const ending of ['wav', 'mp3', 'opus']) {
    const { text, isRight } = await heard(browser, read(article, NAMES.summit, ending), TOLERANCE);
    tell(`heard and seen, ${ending}`, isRight, text);
  }
  validates(Object.values(pages).map(({ page }) => page));
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
console.log(faults ? `${faults} trials went wrong` : 'all trials went right');
process.exitCode = faults ? 1 : 0;
