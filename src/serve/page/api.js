// Asks the server, and says what went wrong in its words.

export class Fault extends Error {
  constructor(status, error, again) {
    super(error?.message ?? `The server answered with status ${status}.`);
    Object.assign(this, { status, code: error?.code, again });
  }

  /** Whether the server has no such thing, or does not let pages have it. */
  get isMissing() {
    return [403, 404, 405, 501].includes(this.status);
  }
}

let onSignIn = () => {};

/** What happens when the server wants to know who asks. */
export function whenUnknown(call) {
  onSignIn = call;
}

/** The answer to a request. `body` is a form or anything for JSON. */
export async function ask(method, path, body, signal) {
  const isForm = body instanceof FormData;
  let answer;
  try {
    answer = await fetch(path, {
      method, signal, credentials: 'same-origin',
      headers: body && !isForm ? { 'Content-Type': 'application/json' } : {},
      body: body && !isForm ? JSON.stringify(body) : body,
    });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Fault(0, { message: 'The server can’t be reached. It may have been stopped.' });
  }
  if (answer.ok) return answer;
  const { error } = await answer.json().catch(() => ({}));
  if (answer.status === 401 && !path.endsWith('/sessions')) onSignIn();
  throw new Fault(answer.status, error, Number(answer.headers.get('Retry-After')) || undefined);
}

export const json = async (...request) => (await ask(...request)).json();

/** The data of server-sent events, one by one. */
export async function* events(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split('\n\n');
    rest = parts.pop();
    for (const part of parts) {
      const data = part.split('\n').filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trim());
      if (data.length) yield JSON.parse(data.join('\n'));
    }
  }
}
