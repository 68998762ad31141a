// The table of sources: a body each, with a row of state, what went wrong, and on demand everything that is known.

import { byId, element, setAttribute, setSince, setState, setStrange, setText, shape, since, sync } from './dom.js';
import { age, duration, exactNumber, number, plain, rate, shortUtc, utc, words } from './text.js';
import { sourceState, unaccounted } from './verdict.js';

const recent = 3600;

/** @param change Called with a source's name and <code>pause</code>, <code>resume</code> or <code>run</code>. */
export function showSources(status, letters, canChange, change) {
  const table = byId('sources');
  setAttribute(table, 'hidden', status.sources.length === 0);
  setAttribute(byId('read-only'), 'hidden', canChange || status.sources.length === 0);
  setAttribute(byId('sources-empty'), 'hidden', status.sources.length > 0);
  setText(byId('sources-empty'), status.sinks.length > 0 ? 'This process collects nothing.' : 'No source is on: no vendor is read.');
  sync(table, status.sources, source => source.name, source => create(source, change), (body, source) => update(body, source, letters, canChange));
}

function create(source, change) {
  const id = crypto.randomUUID?.() ?? `source-${Math.random()}`;
  const cell = (label, name, ...children) => element('td', { role: 'cell', 'data-label': label, class: name }, ...children);
  const parts = {
    name: element('bdi'),
    key: element('bdi', { class: 'key' }),
    state: element('span', { class: 'state' }, shape('unknown'), element('span')),
    readTo: element('time'),
    lag: cell('Lag', 'number lag'),
    rate: cell('Events a minute', 'number'),
    total: cell('Events in all', 'number total'),
    quota: cell('Quota left', 'number quota'),
    letters: cell('Dead letters', 'number'),
    pause: element('button', { type: 'button', 'aria-describedby': 'read-only' }),
    run: element('button', { type: 'button', 'aria-describedby': 'read-only' }, 'Run now'),
    note: element('tr', { role: 'row', class: 'note', hidden: true }),
    noteText: element('td', { role: 'cell', colspan: 9 }),
    facts: element('dl'),
    more: element('tr', { role: 'row', class: 'more', hidden: true, id }),
  };
  parts.open = element('button', { type: 'button', class: 'opener', 'aria-expanded': 'false', 'aria-controls': id, click: () => {
    parts.more.hidden = !parts.more.hidden;
    parts.open.setAttribute('aria-expanded', String(!parts.more.hidden));
  } }, parts.name);
  parts.note.append(parts.noteText);
  parts.more.append(element('td', { role: 'cell', colspan: 9 }, parts.facts));
  for (const button of [parts.pause, parts.run]) {
    button.addEventListener('click', () => {
      if (button.getAttribute('aria-disabled') !== 'true') change(source.name, button === parts.run ? 'run' : parts.pause.dataset.change);
    });
  }

  const body = element('tbody', { role: 'rowgroup' },
    element('tr', { role: 'row' },
      element('th', { role: 'rowheader', scope: 'row' }, element('div', { class: 'named' }, parts.open, parts.key)),
      cell('State', 'condition', parts.state),
      cell('Read up to (UTC)', 'read-to', parts.readTo),
      parts.lag, parts.rate, parts.total, parts.quota, parts.letters,
      cell('', 'changes', parts.pause, parts.run)),
    parts.note,
    parts.more);
  body.parts = parts;
  return body;
}

function update(body, source, letters, canChange) {
  const { parts } = body;
  const state = sourceState(source);
  setAttribute(body, 'data-state', state);
  setStrange(parts.name, source.name);
  setStrange(parts.key, source.key === source.name ? '' : source.key);
  setState(parts.state, state);
  setText(parts.state.lastChild, words(source.condition));
  setText(parts.readTo, source.read_to ? shortUtc(source.read_to) : 'not yet');
  setAttribute(parts.readTo, 'datetime', source.read_to);
  setAttribute(parts.readTo, 'title', source.read_to && utc(source.read_to));
  setText(parts.lag, source.lag_seconds === null ? '–' : duration(source.lag_seconds));
  setText(parts.rate, source.events_per_minute === null ? '–' : rate(source.events_per_minute));
  setText(parts.total, number(source.totals.published));
  setAttribute(parts.total, 'title', exactNumber(source.totals.published));
  setText(parts.quota, source.quota ? quota(source) : '–');
  setText(parts.letters, letters.of(source.key ?? source.name));
  setAttribute(parts.letters, 'data-some', letters.of(source.key ?? source.name) !== '0');
  const isPaused = source.condition === 'paused';
  parts.pause.dataset.change = isPaused ? 'resume' : 'pause';
  setText(parts.pause, isPaused ? 'Resume' : 'Pause');
  setAttribute(parts.pause, 'aria-label', `${isPaused ? 'Resume' : 'Pause'} ${plain(source.name)}`);
  setAttribute(parts.run, 'aria-label', `Run now ${plain(source.name)}`);
  setAttribute(parts.pause, 'aria-disabled', !canChange && 'true');
  setAttribute(parts.run, 'aria-disabled', (!canChange || isPaused) && 'true');
  updateNote(parts, source);
  updateFacts(parts.facts, source);
}

const quota = source => `${number(source.quota.remaining)} of ${number(source.quota.limit)}`;

/** What is wrong now; or what was in the last hour, because an operator who comes late asks for it. */
function updateNote({ note, noteText }, source) {
  const { last_error: error } = source;
  const current = source.reason && source.condition !== 'paused';
  const past = !current && error && age(error.at) < recent;
  setAttribute(note, 'hidden', !current && !past);
  setAttribute(note, 'data-past', past);
  const text = current ? `${source.reason} ${source.fix ?? ''}` : past ? `: ${error.cause} ${error.fix} It is over.` : '';
  if (note.dataset.text === text) return;

  note.dataset.text = text;
  noteText.replaceChildren(...(past ? ['Last error ', since(error.at)] : []), element('bdi', {}, plain(text, 1000)));
}

function updateFacts(list, source) {
  const { totals, ledger, last_error: error } = source;
  const facts = [
    ['Up to date at', source.last_success],
    ['Last commit', source.last_commit],
    ['Newest event', source.last_event],
    ['Completeness checked to', source.swept_to],
    ['Found late by a check', exactNumber(source.late)],
    ['Quota left', source.quota && quota(source)],
    ['Records received', ledger && exactNumber(ledger.received)],
    ['Events made of them', ledger && exactNumber(ledger.events)],
    ['Published', exactNumber(totals.published)],
    ['Read again and known', exactNumber(totals.duplicates)],
    ['Changed and published again', exactNumber(totals.mutated)],
    ['Dead letters in all', exactNumber(totals.dead_letter)],
    ['Not accounted for', ledger && exactNumber(unaccounted(source))],
    ['Open ranges', source.open_ranges.length === 0 ? 'none' : source.open_ranges.join('; ')],
    ['Last error', error?.at],
    ['Its cause', error?.cause],
    ['What to do', error?.fix],
  ].filter(([, value]) => value !== null && value !== undefined);
  sync(list, facts, ([name]) => name, ([name]) => element('div', {}, element('dt', {}, name), element('dd')), (entry, [, value]) => {
    const shown = entry.lastChild;
    if (/^\d{4}-\d\d-\d\dT/.test(value)) {
      if (!shown.firstElementChild) shown.append(since(value), element('small'));

      setSince(shown.firstElementChild, value);
      setText(shown.lastElementChild, utc(value));
    } else {
      setStrange(shown, value, 2000);
    }
  });
}

/** How many open dead letters each source has, as far as the list goes. */
export function countLetters(list, isWhole) {
  const counts = new Map();
  for (const letter of list) {
    const [key] = letter.origin.match(/^[\w.-]+\/[\w.-]+/) ?? [letter.origin];
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }

  return { of: key => isWhole || counts.has(key) ? `${number(counts.get(key) ?? 0)}${isWhole ? '' : '+'}` : '–' };
}
