// Puts the parts of the page together: what shall be read, how it sounds, how it looks while it sounds, what is kept of it.
import { json } from '/page/api.js';
import { Article, nameOf, storyPlace } from '/page/article.js';
import { Player } from '/page/player.js';
import { Reports } from '/page/reports.js';
import { begin } from '/page/session.js';
import { Source } from '/page/source.js';
import { Speaking } from '/page/speaking.js';
import { all, find, show, wish } from '/page/view.js';
import { Words } from '/page/words.js';

const follow = find('.follow');
const isCalm = matchMedia('(prefers-reduced-motion: reduce)');
const voices = all('.voice');
const speeds = all('.speed');
const manner = () => ({ ...(voices[0].value && { voice: voices[0].value }), speed: Number(speeds[0].value) });

find('.date').textContent = new Date().toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });

const article = new Article(storyPlace(), choose);
const words = new Words({ manner, changed: again, hearing: () => player.isPlaying && player.pause() });
const player = new Player({
  changed: () => find('.cancel').toggleAttribute('disabled', !speaking?.isBusy),
  dry: () => {
    // All that is there was heard: the end, or a request that was stopped.
    if (speaking.isBusy) return;
    if (speaking.isWhole) player.pause();
    else speaking.goOn();
  },
  isOver: () => speaking.isWhole,
});
const speaking = new Speaking(player, article, {
  manner: () => ({ ...manner(), words: words.given }),
  told: () => {
    player.draw();
    player.changed();
  },
  ended: () => player.changed(),
  failed: (fault) => {
    show.fault(fault.message);
    player.changed();
    if (!player.ahead) player.pause();
  },
});
const reports = new Reports();
const source = new Source({
  voice: () => voices[0].value || undefined,
  listen,
  failed: () => {},
  isOther: async (file) => {
    show.fault('');
    if (reports.isMissing) return show.fault(`Files like ${file.name} are read as reports, and this server makes none.`);
    try {
      await reports.upload(file, { ...manner(), response_format: find('.format').value });
      show.status(`${file.name} is sent. Its report is in the list.`);
    } catch (fault) {
      show.fault(fault.message);
    }
    return undefined;
  },
});

/** Speaks what is in the field, from the beginning. */
async function listen() {
  performance.mark('listen');
  show.fault('');
  const opening = player.open();
  speaking.stop();
  document.body.classList.add('busy');
  try {
    const story = await source.story();
    await opening;
    present(story);
    speaking.start(0);
    player.listen();
    player.play();
    if (story.isPlain) source.explained?.story.then((explained) => words.show(explained), () => {});
    find('.play').focus({ preventScroll: true });
    show.status(`Reading ${nameOf(story)}`);
  } catch (fault) {
    show.fault(fault.message);
  } finally {
    document.body.classList.remove('busy');
  }
}

/** Shows a story and what is known about it. */
function present(story) {
  article.show(story);
  words.show(story);
  document.title = `${nameOf(story) || 'Read aloud'} – audio-report`;
  const out = find('.left-out');
  const pieces = story.left_out ?? [];
  out.hidden = !pieces.length;
  find('.count', out).textContent = String(pieces.length);
  find('ul', out).replaceChildren(...pieces.map(({ text, reason }) => {
    const item = document.createElement('li');
    const why = document.createElement('span');
    why.className = 'reason';
    why.textContent = String(reason).replaceAll('_', ' ');
    item.append(text, ' ', why);
    return item;
  }));
  find('.source').hidden = true;
  find('.reading').hidden = false;
  scrollTo({ top: 0, behavior: 'instant' });
}

/** A place in the story was chosen: it is heard from there. */
function choose(sentence) {
  const time = speaking.timeOf(sentence);
  if (time === undefined) restart(sentence);
  else {
    player.seek(time);
    player.play();
  }
}

function restart(point) {
  show.fault('');
  player.open().then(() => {
    speaking.start(point);
    player.play();
  }).catch((fault) => show.fault(fault.message));
}

/** How it is spoken has changed: the sentence begins again. */
function again() {
  if (find('.reading').hidden) return;
  const word = speaking.wordAt(player.now);
  const sentence = article.sentences[article.sentenceAt(word?.start ?? 0)];
  if (!sentence) return;
  if (player.isPlaying) restart(sentence.start);
  else speaking.reset(sentence.start);
}

/** A sentence back or on; back is the beginning of this one first, and the one before it when that is near. */
function step(by) {
  const here = Math.max(article.sentenceAt(speaking.wordAt(player.now)?.start ?? 0), 0);
  const start = speaking.timeOf(article.sentences[here]?.start ?? 0) ?? 0;
  const isNear = player.now - start < 1.5;
  const to = by > 0 ? here + 1 : isNear ? here - 1 : here;
  const sentence = article.sentences[Math.max(to, 0)];
  if (!sentence) return;
  const time = speaking.timeOf(sentence.start);
  if (time !== undefined) player.seek(time);
  else if (player.isPlaying) restart(sentence.start);
}

function scroll(element) {
  const box = element.getBoundingClientRect();
  const place = [find('.player'), find('.transport')].find((bar) => getComputedStyle(bar).display !== 'contents' && getComputedStyle(bar).position === 'sticky');
  const top = place?.getBoundingClientRect().bottom ?? 0;
  const room = innerHeight - top;
  if (box.top >= top + room * 0.08 && box.bottom <= top + room * 0.7) return;
  scrollBy({ top: box.top - top - room * 0.25, behavior: isCalm.matches ? 'instant' : 'smooth' });
}

player.onDraw = (now) => {
  const word = speaking.wordAt(now);
  const isOver = speaking.isWhole && now >= player.seconds;
  const lit = isOver ? article.light() : article.light(word?.start, word?.end);
  if (lit && follow.checked && player.isPlaying) scroll(lit);
};

find('.back').addEventListener('click', () => step(-1));
find('.on').addEventListener('click', () => step(1));
find('.cancel').addEventListener('click', () => {
  speaking.stop();
  player.pause();
  show.status('Stopped.');
});
find('.another').addEventListener('click', () => {
  speaking.stop();
  player.pause();
  find('.reading').hidden = true;
  find('.source').hidden = false;
  document.title = 'Read aloud – audio-report';
  find('#text').focus();
  find('#text').select();
});
follow.addEventListener('change', () => {
  if (follow.checked && article.lit[0]) scroll(article.lit[0]);
});
const leave = () => {
  if (player.isPlaying) follow.checked = false;
};
addEventListener('wheel', leave, { passive: true });
addEventListener('touchmove', leave, { passive: true });

// Keys are the player's only while it has the focus, and a list or slider keeps its own.
find('.player').addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches('select, input')) return;
  const isButton = event.target.matches('button:not(.play)');
  const keys = {
    ' ': () => !isButton && player.toggle(),
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    ArrowUp: () => faster(1),
    ArrowDown: () => faster(-1),
  };
  if (!keys[event.key] || (event.key === ' ' && isButton)) return;
  event.preventDefault();
  keys[event.key]();
});

function faster(by) {
  const [speed] = speeds;
  const index = Math.min(Math.max(speed.selectedIndex + by, 0), speed.options.length - 1);
  if (index === speed.selectedIndex) return;
  speed.selectedIndex = index;
  speed.dispatchEvent(new Event('change'));
}

/** Two lists of the same choice, one where a story is chosen and one in the player. */
function pair(lists, name) {
  for (const list of lists) {
    list.addEventListener('change', () => {
      for (const other of lists) other.value = list.value;
      wish.set(name, list.value);
      again();
    });
  }
}
pair(voices, 'voice');
pair(speeds, 'speed');

for (const button of all('.keep button')) {
  button.addEventListener('click', async () => {
    show.fault('');
    const { story } = article;
    const order = {
      ...(source.fields().url ? source.fields() : { input: source.text.value, ...(source.kind && { input_type: source.kind }) }),
      ...(story.title && { title: story.title }), ...manner(), response_format: find('.format').value, captions: ['vtt', 'srt', 'json'], page: true,
    };
    try {
      await reports.keep(button.dataset.kind, order);
    } catch (fault) {
      show.fault(fault.message);
    }
  });
}

async function listVoices() {
  const { data } = await json('GET', '/v1/audio/voices');
  const models = new Map();
  for (const voice of data) models.set(voice.model, [...(models.get(voice.model) ?? []), voice]);
  const own = data.find((voice) => voice.is_default)?.id;
  const kept = data.find((voice) => voice.id === wish.get('voice'))?.id;
  for (const list of voices) {
    const groups = [...models].map(([model, members]) => {
      const group = document.createElement('optgroup');
      group.label = model;
      group.append(...members.map(({ id, name, language }) => new Option(`${name} (${language})`, id)));
      return group;
    });
    list.replaceChildren(...groups);
    list.value = kept ?? own ?? data[0]?.id ?? '';
  }
}

// Sound is made ready while somebody still writes.
find('#text').addEventListener('input', () => player.open().catch(() => {}), { once: true });

begin(async () => {
  try {
    await listVoices();
  } catch (fault) {
    if (fault.status !== 401) show.fault(fault.message);
    return;
  }
  const speed = wish.get('speed');
  for (const list of speeds) if ([...list.options].some((option) => option.value === speed)) list.value = speed;
  find('.source').hidden = false;
  await Promise.all([reports.load(), words.load()]);
});
