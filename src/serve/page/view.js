// Small things that all parts of the page need.

export const find = (selector, within = document) => within.querySelector(selector);
export const all = (selector, within = document) => [...within.querySelectorAll(selector)];

/** An element with text and children; nothing in it is ever read as markup. */
export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  const { data, label, ...own } = properties;
  Object.assign(element, own);
  Object.assign(element.dataset, data);
  if (label) element.setAttribute('aria-label', label);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const show = {
  /** What went wrong, until the next time. */
  fault(text) {
    const place = find('.fault');
    place.textContent = text;
    place.hidden = !text;
  },
  /** For those who listen to the page rather than see it. */
  status(text) {
    find('.status').textContent = text;
  },
};

export function clock(seconds) {
  const [hours, minutes, rest] = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor);
  const two = (number) => String(number).padStart(2, '0');
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** The last index whose value is not above `limit`; -1 where all are. */
export function last(count, valueAt, limit) {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueAt(middle) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** A wish of the listener that is kept in this browser. */
export const wish = {
  get(name) {
    try {
      return localStorage.getItem(`audio-report.${name}`);
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      localStorage.setItem(`audio-report.${name}`, value);
    } catch {
      // A browser that keeps nothing still speaks.
    }
  },
};
