// Comes in with the code that the server printed, or with a token. The server remembers the browser by a cookie that no script sees.
import { ask, json, whenUnknown } from '/page/api.js';
import { find, show } from '/page/view.js';

/** Calls `opened` when the page may ask the server. */
export async function begin(opened) {
  const place = find('.sign-in');
  const secret = find('#secret');
  const leave = find('.sign-out');

  const askWho = () => {
    if (!place.hidden) return;
    place.hidden = false;
    find('.source').hidden = true;
    secret.focus();
  };
  whenUnknown(askWho);

  async function enter(shown) {
    try {
      const { is_needed: isNeeded } = await (await ask('POST', '/v1/sessions', shown)).json();
      show.fault('');
      place.hidden = true;
      secret.value = '';
      leave.hidden = !isNeeded;
      opened();
    } catch (fault) {
      show.fault(fault.message);
      askWho();
    }
  }

  place.querySelector('form').addEventListener('submit', (event) => {
    event.preventDefault();
    const text = secret.value.trim();
    // Codes are two groups of five signs.
    enter(/^[0-9a-z]{5}[\s-]?[0-9a-z]{5}$/i.test(text) ? { code: text } : { token: text });
  });

  leave.addEventListener('click', async () => {
    await ask('DELETE', '/v1/sessions').catch(() => {});
    location.assign('/');
  });

  const code = /^#code=([0-9A-Za-z-]+)$/.exec(location.hash)?.[1];
  if (code) {
    // It must not stand in the history.
    history.replaceState(null, '', '/');
  }
  try {
    const { is_needed: isNeeded, is_open: isOpen } = await json('GET', '/v1/sessions');
    leave.hidden = !isNeeded;
    if (!isNeeded || isOpen) return opened();
    // It is good once, so it is not spent on a browser that is in.
    return code ? enter({ code }) : askWho();
  } catch (fault) {
    return show.fault(fault.message);
  }
}
