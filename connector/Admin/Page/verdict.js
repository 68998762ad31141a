// One sentence on everything: complete and fresh, or what is wrong and what to do.

import { byId, element, setAttribute, setState, setText, shape, show } from './dom.js';
import { bytes, count, duration, plain, words } from './text.js';

const nearlyFull = 0.9;
const longWait = 300;

const sources = {
  starting: ['working', 'is starting'],
  catching_up: ['working', 'is catching up'],
  up_to_date: ['ok', 'is up to date'],
  standby: ['ok', 'is collected by another instance'],
  incomplete: ['attention', 'is not complete'],
  behind: ['attention', 'is behind'],
  quiet: ['bad', 'has had no event for longer than is expected of it'],
  paused: ['paused', 'is paused'],
  unavailable: ['bad', 'cannot be read now'],
  refused: ['bad', 'is refused by its vendor'],
  clock: ['bad', 'waits, because the clocks contradict each other'],
  failed: ['bad', 'has failed'],
};

const sinks = {
  starting: ['working', 'is starting'],
  up_to_date: ['ok', 'has every event'],
  delivering: ['ok', 'takes events'],
  waiting: ['attention', 'lets some events wait'],
  blocked: ['bad', 'takes nothing now'],
  failed: ['bad', 'has failed'],
};

const order = ['bad', 'attention', 'paused', 'working', 'unknown', 'ok'];

export const sourceState = source => sourceFinding(source)[0];
export const sinkState = sink => sinks[sink.condition]?.[0] ?? 'unknown';

/** What is received and not accounted for is a defect, however fresh the source is. */
function sourceFinding(source) {
  const [state, phrase] = sources[source.condition] ?? ['unknown', `is ${words(source.condition)}`];
  return unaccounted(source) > 0 && state !== 'bad' ? ['bad', 'does not account for all that it received'] : [state, phrase];
}

/** Records and events of which it is not known what became of them. */
export const unaccounted = source => source.ledger ? source.ledger.unaccounted - source.ledger.read_again : 0;

/** The state and the sentence of the whole, and each problem with its cause and what to do about it. */
export function judge(status) {
  const findings = [...journalFindings(status.journal), ...status.sources.flatMap(sourceFindings), ...status.sinks.flatMap(sinkFindings),
    ...letterFindings(status.journal)].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const problems = together(findings.filter(finding => finding.state !== 'working'));
  const working = findings.filter(finding => finding.state === 'working');
  if (problems.length === 0 && status.sources.length === 0) return withoutSources(status);

  if (problems.length === 0) {
    return working.length === 0
      ? { state: 'ok', sentence: 'Everything is complete and fresh.', detail: freshDetail(status), problems }
      : { state: 'working', sentence: `${sentenceOf(working)} Nothing is wrong.`, detail: workingDetail(status), problems };
  }

  return {
    state: problems[0].state,
    sentence: problems.length === 1 ? sentenceOf(problems[0].of) : manySentence(problems),
    detail: '',
    problems: problems.map(problem => ({ ...problem, what: problems.length === 1 ? '' : sentenceOf(problem.of) })),
  };
}

/** Shows the judgement. When it no longer holds, because the connector does not answer, it says so instead. */
export function showVerdict(verdict) {
  setState(byId('verdict'), verdict.state);
  setText(byId('verdict-sentence'), verdict.sentence);
  setText(byId('verdict-detail'), verdict.detail);
  setAttribute(byId('verdict-detail'), 'hidden', verdict.detail === '');
  show(byId('verdict-problems'), verdict.problems.map(({ state, what, cause, fix }) => ({ state, what, cause, fix })), problems => problems.map(problemItem));
}

/** While the connector does not answer. */
export function lost(since) {
  return {
    state: 'unknown',
    sentence: 'The connector does not answer.',
    detail: `What is shown here is of ${since}. See whether the process runs and what its log says; this page goes on by itself.`,
    problems: [],
  };
}

function problemItem({ state, what, cause, fix }) {
  return element('li', { 'data-state': state },
    shape(state),
    element('div', {},
      what ? element('strong', {}, what) : null,
      cause ? element('p', {}, plain(cause, 1000)) : null,
      fix ? element('p', { class: 'fix' }, element('b', {}, 'What to do: '), plain(fix, 1000)) : null));
}

function sourceFindings(source) {
  const [state, phrase] = sourceFinding(source);
  if (state === 'ok') return [];

  if (state === 'paused') {
    const by = source.paused ? `${plain(source.paused.by)} paused it ${source.paused.since.slice(0, 16).replace('T', ' ')} UTC. Nothing is lost meanwhile.` : source.reason;
    return [{ state, subject: source.name, phrase, cause: by, fix: 'Resume it when the reason is gone.' }];
  }

  return [{ state, subject: source.name, phrase, cause: capital(source.reason), fix: source.fix }];
}

function sinkFindings(sink) {
  const [state, phrase] = sinks[sink.condition] ?? ['unknown', `is ${words(sink.condition)}`];
  if (state === 'ok') {
    return sink.lag_seconds > longWait
      ? [{ state: 'working', subject: sink.name, phrase: 'is catching up', cause: null, fix: null }]
      : [];
  }

  return [{ state, subject: sink.name, phrase, cause: capital(sink.reason), fix: sink.fix }];
}

function journalFindings(journal) {
  if (journal.trouble) return [{ state: 'bad', subject: 'the journal', phrase: 'cannot be read', cause: journal.trouble.cause, fix: journal.trouble.fix }];

  const used = journal.max_bytes ? journal.bytes / journal.max_bytes : 0;
  return used < nearlyFull ? [] : [{
    state: used < 1 ? 'attention' : 'bad',
    subject: 'the journal',
    phrase: used < 1 ? 'is nearly full' : 'is full',
    cause: `It has ${bytes(journal.bytes)} of ${bytes(journal.max_bytes)}; when it is full, collection stops and nothing is lost.`,
    fix: 'Raise Journal:MaxBytes, give the volume more room, or shorten Journal:Retention.',
  }];
}

function letterFindings(journal) {
  const open = Object.values(journal.dead_letters ?? {}).reduce((sum, letters) => sum + letters, 0);
  return open === 0 ? [] : [{
    state: 'attention',
    subject: open === 1 ? 'one dead letter' : count(open, 'dead letter'),
    phrase: open === 1 ? 'is open' : 'are open',
    cause: 'What could not be delivered is kept, with the reason, below.',
    fix: 'Remove the cause, then replay what the sink refused; discard what is not needed (dlq discard ID).',
  }];
}

/** Findings with one cause and one fix are one problem. */
function together(findings) {
  const problems = new Map();
  for (const finding of findings) {
    const key = JSON.stringify([finding.state, finding.phrase, finding.cause, finding.fix]);
    if (!problems.has(key)) problems.set(key, { ...finding, of: [] });

    problems.get(key).of.push(finding);
  }

  return [...problems.values()];
}

/** <code>Intercom is behind.</code>, or <code>Intercom and 5 others: each is behind.</code> */
function sentenceOf(findings) {
  const [first] = findings;
  if (findings.length === 1) return `${capital(plain(first.subject, 80))} ${first.phrase}.`;

  const same = findings.every(finding => finding.phrase === first.phrase);
  return `${capital(namesOf(findings))}: each ${same ? first.phrase : 'is at work'}.`;
}

/** With the names, as long as that is a sentence which is read at a glance. */
function manySentence(problems) {
  const names = problems.map(problem => namesOf(problem.of));
  const sentence = `${problems.length} things need attention`;
  return names.join().length <= 60 ? `${sentence}: ${list(names)}.` : `${sentence}.`;
}

function namesOf(findings) {
  const names = findings.map(finding => plain(finding.subject, 80));
  return names.length <= 3 ? list(names) : `${names[0]} and ${names.length - 1} others`;
}

const list = names => names.length === 1 ? names[0] : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

function withoutSources(status) {
  return status.sinks.length > 0
    ? { state: 'ok', sentence: 'Events are delivered; this process collects none.', detail: 'It runs with --role index, and another one collects.', problems: [] }
    : {
      state: 'attention',
      sentence: 'No source is on.',
      detail: '',
      problems: [{
        state: 'attention',
        what: '',
        cause: 'A source is on when it has credentials.',
        fix: 'Give Sources:Intercom:AccessToken, or Sources:Sequence:ClientId and ClientSecret, and start the connector again. The command validate says what is missing; '
          + 'the command demo shows it all without an account.',
      }],
    };
}

function freshDetail(status) {
  const lags = status.sources.map(source => source.lag_seconds).filter(lag => lag !== null);
  const read = lags.length === 0 ? '' : `${count(status.sources.length, 'source')}, read to within the last ${duration(Math.ceil(Math.max(...lags)))}. `;
  return `${read}${sinkDetail(status)} No dead letter is open.`;
}

function workingDetail(status) {
  const behind = status.sources.filter(source => sourceState(source) === 'working' && source.lag_seconds !== null);
  return [...behind.slice(0, 3).map(source => `${plain(source.name, 40)} was read up to ${duration(source.lag_seconds)} ago.`), sinkDetail(status)].join(' ');
}

function sinkDetail(status) {
  if (status.sinks.length === 0) return 'Events are kept in the journal; no sink is on.';

  return status.sinks.map(sink => sink.waiting > 0 ? `${count(sink.waiting, 'event')} wait for ${sink.name}.` : `${capital(sink.name)} has every event.`).join(' ');
}

/** As a sentence begins; an address or an option begins as it is written. */
function capital(text) {
  return text?.replace(/^[a-z]+(?=[ ,:.]? |$)/, word => word[0].toUpperCase() + word.slice(1)) ?? '';
}
