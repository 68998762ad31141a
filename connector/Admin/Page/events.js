// The latest events, with search. A row opens to the whole event. What arrives while the reader has an event open, points at one or searches waits until it is asked for.

import { get } from './api.js';
import { byId, element, setAttribute, setText, since, strange, sync } from './dom.js';
import { count, plain, plainLines, utc } from './text.js';

const shownAtFirst = 50;
const mostShown = 400;
const typing = 250;

/** A field with more characters has a line of its own. */
const longField = 80;

/** How many of the journal's last events a search looks at. */
const searched = 50_000;

let entries = [];
let waiting = [];
let limit = shownAtFirst;
let search = { text: '', source: '' };
let asked = 0;
let isBusy = false;
let announce = () => {};
let fail = () => {};

/** @param handlers <code>announce</code> speaks a sentence; <code>fail</code> shows a problem. */
export function startEvents(handlers) {
  ({ announce, fail } = handlers);
  const [text, source] = [byId('search-text'), byId('search-source')];
  let timer;
  const run = () => {
    clearTimeout(timer);
    if (search.text === text.value.trim() && search.source === source.value) return;

    search = { text: text.value.trim(), source: source.value };
    limit = shownAtFirst;
    load().then(() => announce(entries.length === 0 ? 'No event fits.' : `${count(entries.length, 'event')} found.`));
  };
  byId('search').addEventListener('submit', event => {
    event.preventDefault();
    run();
  });
  text.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(run, typing);
  });
  source.addEventListener('change', run);
  text.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || text.value === '') return;

    event.preventDefault();
    text.value = '';
    run();
  });
  byId('newer').addEventListener('click', () => {
    byId('events-title').focus();
    load();
  });
  byId('older').addEventListener('click', () => {
    limit = Math.min(mostShown, limit * 2);
    load();
  });
  byId('events').addEventListener('keydown', moveByArrows);
  byId('events').addEventListener('pointerleave', show);
  document.addEventListener('keydown', event => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, select, textarea')) return;

    event.preventDefault();
    text.focus();
    text.select();
  });
}

/** The sources that can be chosen. */
export function setSources(keys) {
  const choice = byId('search-source');
  sync(choice, keys, key => key, key => element('option', { value: key }, plain(key, 60)));
}

/** Asks for the latest events again, by the search that is set. */
export async function load() {
  const mine = ++asked;
  isBusy = true;
  setAttribute(byId('events'), 'aria-busy', 'true');
  try {
    const query = new URLSearchParams({ limit });
    if (search.text) query.set('search', search.text);
    if (search.source) query.set('source', search.source);
    const { events } = await get(`/api/v1/events?${query}`);
    if (mine !== asked) return;

    entries = events;
    waiting = isSearching() ? [] : waiting.filter(entry => !entries.some(known => known.id === entry.id));
    show();
  } catch (error) {
    if (mine === asked) fail('The events cannot be shown.', error);
  } finally {
    if (mine === asked) {
      isBusy = false;
      setAttribute(byId('events'), 'aria-busy', null);
    }
  }
}

/** Takes events as they are committed, the newest first. */
export function arrived(batch) {
  const known = new Set([...entries, ...waiting].map(entry => entry.id));
  waiting = [...batch.filter(entry => !known.has(entry.id)), ...waiting].slice(0, mostShown);
  if (!isBusy) show();
}

const isSearching = () => search.text !== '' || search.source !== '';

/** Rows that move under the eyes, the pointer or the keyboard of a reader cannot be read. */
const isRead = () => byId('events').matches(':hover, :focus-within') || byId('events').querySelector('[aria-expanded=true]') !== null;

function show() {
  if (!isSearching() && !isRead()) {
    entries = [...waiting, ...entries].slice(0, limit);
    waiting = [];
  }

  setText(byId('newer'), waiting.length === 0 ? '' : isSearching()
    ? `${count(waiting.length, 'event')} arrived: search again`
    : `Show ${count(waiting.length, 'newer event')}`);
  setAttribute(byId('newer'), 'data-some', waiting.length > 0);
  setAttribute(byId('events'), 'hidden', entries.length === 0);
  setAttribute(byId('older'), 'hidden', entries.length < limit || limit >= mostShown);
  const empty = byId('events-empty');
  setAttribute(empty, 'hidden', entries.length > 0);
  setText(empty, isSearching()
    ? `No event of the last ${count(searched, 'event')} fits. The command export searches all that the journal has.`
    : 'No event is in the journal yet. Events stand here as soon as the first are committed; the first run of a source begins within its schedule.');
  sync(byId('events'), entries, entry => entry.id, create);
}

function create(entry) {
  const { event } = entry;
  const id = `event-${entry.id}`;
  const cell = (name, ...children) => element('td', { role: 'cell', class: name }, ...children);
  const action = plain(first(event, 'event.action') ?? 'event', 120);
  const button = element('button', { type: 'button', class: 'opener', 'aria-expanded': 'false', 'aria-controls': id }, element('bdi', {}, action));
  const row = element('tr', { role: 'row', class: 'summary' },
    cell('when', since(first(event, '@timestamp') ?? entry.time)),
    cell('source', strange(entry.source, 130)),
    element('th', { role: 'rowheader', scope: 'row', class: 'action' }, button),
    cell('actor', strange(actor(event))),
    cell('what', strange(first(event, 'message') ?? target(event))),
    outcome(cell, event));
  const more = element('tr', { role: 'row', class: 'more', id, hidden: true });
  const toggle = () => {
    const isOpen = more.hidden;
    if (isOpen && !more.firstChild) more.append(element('td', { role: 'cell', colspan: 6 }, ...whole(entry)));

    more.hidden = !isOpen;
    button.setAttribute('aria-expanded', String(isOpen));
    show();
  };
  row.addEventListener('click', clicked => {
    if (clicked.target.closest('button') === button || String(getSelection()) === '') toggle();
  });
  more.addEventListener('keydown', pressed => {
    if (pressed.key !== 'Escape') return;

    toggle();
    button.focus();
  });
  return element('tbody', { role: 'rowgroup' }, row, more);
}

function outcome(cell, event) {
  const value = first(event, 'event.outcome') ?? '';
  return element('td', { role: 'cell', class: 'outcome', 'data-outcome': value }, strange(value, 40));
}

/** Everything that is known of one event. */
function whole(entry) {
  const trace = entry.trace_id;
  return [
    element('div', { class: 'identity' },
      element('span', {}, element('b', {}, 'Happened '), utc(entry.time)),
      element('span', {}, element('b', {}, 'Committed '), utc(entry.committed_at)),
      element('span', {}, element('b', {}, 'Trace id '), trace ? element('code', {}, plain(trace)) : 'none: the vendor gave none'),
      element('span', { class: 'copies' },
        trace ? copyButton('Copy trace id', trace) : null,
        copyButton('Copy as JSON', JSON.stringify(entry.event, null, 2)))),
    element('dl', { class: 'fields' }, ...Object.entries(entry.event).map(([name, value]) =>
      element('div', { class: text(value).length > longField && 'long' },
        element('dt', {}, element('bdi', {}, plain(name))), element('dd', {}, element('bdi', {}, text(value)))))),
  ];
}

function copyButton(label, value) {
  const button = element('button', {
    type: 'button',
    click: async () => {
      try {
        await navigator.clipboard.writeText(value);
        setText(button, 'Copied');
        announce('Copied.');
      } catch {
        // A browser gives the clipboard only to a page from this machine or over TLS.
        const field = element('textarea', { readonly: true, 'aria-label': label }, value);
        button.after(field);
        field.select();
        announce('Selected: press Ctrl and C.');
      }
    },
  }, label);
  return button;
}

const text = value => plainLines(Array.isArray(value) ? value.join(', ') : value);

function first(event, ...names) {
  for (const name of names) {
    const value = Array.isArray(event[name]) ? event[name].join(', ') : event[name];
    if (value !== undefined && value !== null && value !== '') return String(value);
  }

  return null;
}

const actor = event => first(event, 'user.email', 'user.full_name', 'user.name', 'user.id', 'client.user.id', 'source.ip') ?? '–';

const target = event => first(event, 'user.target.email', 'user.target.name', 'user.target.id') ?? '';

/** Up and down go from event to event. */
function moveByArrows(event) {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp' || !event.target.matches('.opener')) return;

  const openers = [...byId('events').querySelectorAll('.opener')];
  const next = openers[openers.indexOf(event.target) + (event.key === 'ArrowDown' ? 1 : -1)];
  if (!next) return;

  event.preventDefault();
  next.focus();
}
