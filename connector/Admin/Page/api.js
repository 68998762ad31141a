// The connector's API: requests with the token, and the stream of what changes.

const tokenKey = 'activity-connector.token';
const nameKey = 'activity-connector.name';
const silence = 15_000;

let token = sessionStorage.getItem(tokenKey);

/** An answer that is not what was asked for, in the connector's words. */
export class Problem extends Error {
  constructor(status, title, detail) {
    super([title, detail].filter(Boolean).join(' '));
    this.status = status;
  }
}

export const hasToken = () => token !== null;

/** Kept for this tab only. */
export function setToken(value) {
  token = value;
  keep(tokenKey, value);
}

/** Who makes the changes that are asked for here. */
export const name = () => sessionStorage.getItem(nameKey) ?? '';

export function setName(value) {
  keep(nameKey, value === '' ? null : value);
}

function keep(key, value) {
  if (value === null) sessionStorage.removeItem(key);
  else sessionStorage.setItem(key, value);
}

function headers() {
  if (token === null) return {};

  // A header holds bytes: those of the name's UTF-8.
  const operator = String.fromCharCode(...new TextEncoder().encode(name()));
  return { Authorization: `Bearer ${token}`, ...(operator ? { 'X-Operator': operator } : {}) };
}

/** @throws {Problem} The connector refuses, or does not answer (status 0). */
export async function request(method, path, signal) {
  let answer;
  try {
    answer = await fetch(path, { method, signal, headers: headers(), cache: 'no-store', redirect: 'error' });
  } catch {
    throw unanswered();
  }

  if (answer.ok) return answer;

  const problem = await answer.json().catch(() => ({}));
  throw new Problem(answer.status, problem.title ?? `The connector answered ${answer.status}.`, problem.detail ?? '');
}

export async function get(path) {
  const answer = await request('GET', path);
  return answer.json();
}

const unanswered = () => new Problem(0, 'The connector does not answer.', '');

/**
 * Reads the stream until it ends, which it does only by a failure. A stream that says nothing for a while is taken for broken.
 * @param opened Called once the connector has accepted the request.
 * @param received Called with the name and the value of each message.
 */
export async function follow(opened, received) {
  const stop = new AbortController();
  let timer;
  const listen = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stop.abort(), silence);
  };

  try {
    listen();
    const answer = await request('GET', '/api/v1/stream', stop.signal);
    opened();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw unanswered();
      });
      if (done) return;

      listen();
      const messages = (text + value).replaceAll('\r\n', '\n').split('\n\n');
      text = messages.pop();
      for (const message of messages) {
        const fields = message.split('\n').map(line => line.match(/^(\w+): ?(.*)$/)).filter(Boolean);
        const name = fields.find(field => field[1] === 'event')?.[2];
        const data = fields.filter(field => field[1] === 'data').map(field => field[2]).join('\n');
        if (name && data) received(name, JSON.parse(data));
      }
    }
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}
