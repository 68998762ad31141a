// Sinks and journal: a small list of facts each.

import { byId, element, setAttribute, setState, setStrange, setText, shape, since, show, sync } from './dom.js';
import { bytes, count, duration, number, plain, rate, words } from './text.js';
import { sinkState } from './verdict.js';

export function showSinks(sinks) {
  sync(byId('sinks'), sinks.length > 0 ? sinks : [null], sink => sink?.name ?? '', createSink, (node, sink) => {
    if (sink !== null) updateSink(node, sink);
  });
}

function createSink(sink) {
  if (sink === null) return element('p', { class: 'empty' }, 'No sink is on: events stay in the journal. Give Elasticsearch:Urls to bring them to a cluster.');

  return element('div', { class: 'sink' },
    element('p', { class: 'state' }, shape('unknown'), element('bdi', { class: 'name' }), element('span')),
    element('p', { class: 'cause' }),
    element('dl', { class: 'facts' }));
}

function updateSink(node, sink) {
  const [line, cause, facts] = node.children;
  setState(line, sinkState(sink));
  setStrange(line.children[1], sink.name);
  setText(line.children[2], words(sink.condition));
  setText(cause, sink.reason ? `${plain(sink.reason, 1000)} ${plain(sink.fix, 1000)}` : '');
  setAttribute(cause, 'hidden', !sink.reason);
  setFacts(facts, [
    ['Waiting', sink.waiting === null ? 'not known' : count(sink.waiting, 'event')],
    ['Lag', sink.lag_seconds === null ? 'not known' : duration(sink.lag_seconds)],
    ['Events a minute', sink.events_per_minute === null ? '–' : rate(sink.events_per_minute)],
    ['Stored since the start', number(sink.totals.stored)],
    ['Refused', sink.totals.refused > 0 ? number(sink.totals.refused) : null],
  ]);
}

export function showJournal(journal) {
  const node = byId('journal');
  if (!node.firstChild) {
    node.append(element('p', { class: 'cause', hidden: true }), element('dl', { class: 'facts' }), element('meter', { min: 0, low: 0.9, optimum: 0.5, 'aria-label': 'How full the journal is', hidden: true }));
  }

  const [cause, facts, meter] = node.children;
  setText(cause, journal.trouble ? `${plain(journal.trouble.cause, 1000)} ${plain(journal.trouble.fix, 1000)}` : '');
  setAttribute(cause, 'hidden', !journal.trouble);
  setFacts(facts, [
    ['Kind', journal.kind === 'sqlite' ? 'SQLite' : plain(journal.kind)],
    [journal.kind === 'sqlite' ? 'File' : 'Brokers', plain(journal.place)],
    ['Size', journal.bytes === null ? null : `${bytes(journal.bytes)}${journal.max_bytes ? ` of ${bytes(journal.max_bytes)}` : ''}`],
  ]);
  setAttribute(meter, 'hidden', !journal.max_bytes);
  if (journal.max_bytes) meter.value = Math.min(1, journal.bytes / journal.max_bytes);
}

function setFacts(list, facts) {
  show(list, facts.filter(([, value]) => value !== null), all => all.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))));
}
