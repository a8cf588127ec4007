'use strict';
// The article lights up as it is spoken. Without this script the page is the article with a plain player.
{
  const find = (selector) => document.querySelector(selector);
  const player = find('.player');
  const audio = find('audio');
  const play = find('.play');
  const position = find('.position');
  const speed = find('.speed');
  const unit = find('.unit');
  const follow = find('.follow');
  const { starts, sentences } = JSON.parse(find('#timings').textContent);
  const links = [...document.querySelectorAll('.sentence')];
  const words = [...document.querySelectorAll('.sentence > span')];
  const length = Number(position.max);
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)');
  let lit = { word: -1, sentence: -1 };

  audio.controls = false;
  for (const hidden of [find('.controls'), find('.keys')]) hidden.hidden = false;

  /** The last index whose value is not above `limit`; -1 where all are. */
  const last = (values, limit) => {
    let [low, high] = [0, values.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[middle] <= limit) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };

  const clock = (seconds) => {
    const [hours, minutes, rest] = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor);
    const two = (number) => String(number).padStart(2, '0');
    return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
  };

  const scroll = (element) => {
    const box = element.getBoundingClientRect();
    const top = getComputedStyle(player).position === 'sticky' ? player.getBoundingClientRect().bottom : 0;
    const room = innerHeight - top;
    if (box.top >= top + room * 0.08 && box.bottom <= top + room * 0.7) return;
    scrollBy({ top: box.top - top - room * 0.25, behavior: isCalm.matches ? 'instant' : 'smooth' });
  };

  /** Marks a word and its sentence, or nothing with -1. */
  const light = (word) => {
    if (word === lit.word) return;
    const sentence = last(sentences, word);
    words[lit.word]?.classList.remove('lit');
    words[word]?.classList.add('lit');
    if (sentence !== lit.sentence) {
      links[lit.sentence]?.classList.remove('lit');
      links[lit.sentence]?.removeAttribute('aria-current');
      links[sentence]?.classList.add('lit');
      links[sentence]?.setAttribute('aria-current', 'true');
    }
    lit = { word, sentence };
    if (word >= 0 && follow.checked && !audio.paused) scroll(words[word]);
  };

  const show = () => {
    const now = audio.currentTime;
    // Half a millisecond: a jump to a word's start is at the word, however the player rounds.
    light(audio.ended ? -1 : last(starts, now * 1000 + 0.5));
    const text = clock(now);
    const shown = find('.now');
    if (shown.textContent !== text) {
      shown.textContent = text;
      position.setAttribute('aria-valuetext', `${text} of ${clock(length)}`);
      report();
    }
    position.value = now;
  };

  const run = () => {
    show();
    if (!audio.paused) requestAnimationFrame(run);
  };

  const start = () => {
    audio.play().catch(() => {});
  };
  const toggle = () => (audio.paused ? start() : audio.pause());
  const jump = (seconds) => {
    audio.currentTime = Math.min(Math.max(seconds, 0), length);
    show();
  };
  const beginning = (sentence) => starts[sentences[sentence]] / 1000;
  /** Back is the beginning of this sentence first, and the one before it when that is near. */
  const step = (by) => {
    const now = audio.currentTime;
    const here = Math.max(last(sentences, last(starts, now * 1000 + 0.5)), 0);
    const isNear = now - beginning(here) < 1.5;
    const to = by > 0 ? here + 1 : isNear ? here - 1 : here;
    jump(to >= sentences.length ? length : beginning(Math.max(to, 0)));
  };
  const faster = (by) => {
    speed.selectedIndex = Math.min(Math.max(speed.selectedIndex + by, 0), speed.options.length - 1);
    audio.playbackRate = Number(speed.value);
  };

  audio.addEventListener('play', () => {
    player.classList.add('playing');
    play.setAttribute('aria-label', 'Pause');
    requestAnimationFrame(run);
  });
  for (const event of ['pause', 'ended']) {
    audio.addEventListener(event, () => {
      player.classList.remove('playing');
      play.setAttribute('aria-label', 'Play');
      show();
    });
  }
  audio.addEventListener('seeked', show);
  audio.addEventListener('error', () => {
    find('.fault').hidden = false;
  });
  play.addEventListener('click', toggle);
  find('.back').addEventListener('click', () => step(-1));
  find('.on').addEventListener('click', () => step(1));
  position.addEventListener('input', () => jump(Number(position.value)));
  speed.addEventListener('change', () => faster(0));
  unit.addEventListener('change', () => {
    document.documentElement.dataset.unit = unit.value;
  });
  document.documentElement.dataset.unit = unit.value;
  follow.addEventListener('change', () => {
    if (follow.checked && lit.word >= 0) scroll(words[lit.word]);
  });

  // Enter on a link is a click as well. Who selects text does not want to jump.
  find('article').addEventListener('click', (event) => {
    const link = event.target.closest('.sentence');
    if (!link) return;
    event.preventDefault();
    if (event.detail > 0 && !getSelection().isCollapsed) return;
    jump(beginning(links.indexOf(link)));
    start();
  });

  // Keys are the player's only while it has the focus, and a list or slider keeps its own.
  player.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const name = event.target.localName;
    const keys = {
      ' ': name === 'button' || name === 'input' ? null : toggle,
      ArrowLeft: () => step(-1),
      ArrowRight: () => step(1),
      ArrowUp: () => faster(1),
      ArrowDown: () => faster(-1),
    };
    if (name === 'select' || event.target === position || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });

  // Who scrolls reads elsewhere: the page stops following until it is asked again.
  const leave = () => {
    if (!audio.paused) follow.checked = false;
  };
  addEventListener('wheel', leave, { passive: true });
  addEventListener('touchmove', leave, { passive: true });
  addEventListener('keydown', (event) => {
    if (player.contains(event.target)) return;
    if (['PageUp', 'PageDown', 'Home', 'End', 'ArrowUp', 'ArrowDown', ' '].includes(event.key)) leave();
  });

  // The keys of headsets and lock screens.
  const session = navigator.mediaSession;
  function report() {
    session?.setPositionState?.({
      duration: length,
      position: Math.min(audio.currentTime, length),
      playbackRate: audio.playbackRate,
    });
  }
  if (session) {
    const cover = find('header img');
    session.metadata = new MediaMetadata({
      title: document.title,
      artist: find('meta[name="author"]')?.content ?? '',
      album: find('.publication')?.textContent ?? '',
      artwork: cover ? [{ src: cover.src }] : [],
    });
    const actions = {
      play: start,
      pause: () => audio.pause(),
      previoustrack: () => step(-1),
      nexttrack: () => step(1),
      seekto: (details) => jump(details.seekTime),
    };
    for (const [action, handler] of Object.entries(actions)) session.setActionHandler(action, handler);
  }

  // An address with a time, such as story.html#t=12.3, begins there.
  const begin = Number(/^#t=(\d+(?:\.\d+)?)$/.exec(location.hash)?.[1] ?? 0);
  if (begin > 0) audio.addEventListener('loadedmetadata', () => jump(begin), { once: true });
}
