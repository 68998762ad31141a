// The page: connects, shows what the connector says, and connects again when that ends.

import { follow, get, hasToken, name, Problem, request, setName, setToken } from './api.js';
import { byId, setAttribute, setState, setText, tick } from './dom.js';
import { arrived, load, setSources, startEvents } from './events.js';
import { showLetters } from './letters.js';
import { showJournal, showSinks } from './parts.js';
import { countLetters, showSources } from './sources.js';
import { count, duration, plain, setClock, utc } from './text.js';
import { judge, lost, showVerdict } from './verdict.js';

const mostLetters = 500;
const longestWait = 15;

/** A state that comes and goes within this time is not spoken. */
const settled = 5000;

let status = null;
let letters = { list: [], isWhole: true, trouble: null, known: '' };
let spoken = '';
let speaking;

function announce(sentence) {
  setText(byId('announcement'), sentence);
}

function fail(what, error) {
  byId('notice').hidden = false;
  setText(byId('notice').firstElementChild, `${what} ${plain(error.message, 1000)}`);
}

function showConnection(state, text) {
  setState(byId('connection'), state);
  setText(byId('connection').lastElementChild, text);
}

function showStatus(now) {
  status = now;
  setClock(status.at);
  setText(byId('about'), `${plain(status.version, 40)}${status.started_at ? `, up for ${duration((Date.parse(status.at) - Date.parse(status.started_at)) / 1000)}` : ''}`);
  byId('content').hidden = false;
  render();
  const sums = JSON.stringify(status.journal.dead_letters);
  if (sums !== letters.known) loadLetters(sums);
}

function render() {
  const verdict = judge(status);
  showVerdict(verdict);
  document.title = `${{ ok: '✓', working: '…', paused: '‖', attention: '!', bad: '✕' }[verdict.state] ?? '?'} ${verdict.sentence} Activity Connector`;
  speak(verdict.sentence);
  showSources(status, countLetters(letters.list, letters.isWhole), hasToken(), change);
  showSinks(status.sinks);
  showJournal(status.journal);
  showLetters(letters.list, letters.isWhole, letters.trouble, hasToken(), replay);
  setSources(status.sources.map(source => source.key).filter(Boolean));
}

/** Says a new verdict once it has held for a while. */
function speak(sentence) {
  if (sentence === spoken) return;

  spoken = sentence;
  clearTimeout(speaking);
  speaking = setTimeout(() => announce(sentence), settled);
}

async function loadLetters(sums) {
  letters.known = sums;
  try {
    const { dead_letters: list } = await get(`/api/v1/dead-letters?limit=${mostLetters}`);
    letters = { list, isWhole: list.length < mostLetters, trouble: null, known: sums };
  } catch (error) {
    letters = { list: [], isWhole: false, trouble: `They cannot be shown. ${plain(error.message, 1000)}`, known: '' };
  }

  render();
}

async function change(source, what) {
  const done = { pause: 'is paused', resume: 'is resumed', run: 'runs now' }[what];
  try {
    await request(what === 'run' ? 'POST' : 'PUT', `/api/v1/sources/${encodeURIComponent(source)}/${what}`);
    byId('notice').hidden = true;
    announce(`${plain(source)} ${done}.`);
    showStatus(await get('/api/v1/status'));
  } catch (error) {
    refused(error, `${plain(source)} was not changed.`);
  }
}

/** @param id Null = all that a sink refused. */
async function replay(id) {
  try {
    const answer = await request('POST', id === null ? '/api/v1/dead-letters/replay' : `/api/v1/dead-letters/${encodeURIComponent(id)}/replay`);
    const results = [await answer.json()].flat();
    const kept = results.filter(result => result.reason);
    if (kept.length > 0) fail(`${kept.length} of ${count(results.length, 'dead letter')} stay:`, new Error(kept[0].reason));
    else announce(`The sink took ${count(results.length, 'dead letter')}.`);

    showStatus(await get('/api/v1/status'));
  } catch (error) {
    refused(error, 'The replay has failed.');
  }
}

function refused(error, what) {
  if (error.status === 401) forgetToken();
  else fail(what, error);
}

/** The page begins again, and asks for the token. */
function forgetToken() {
  setToken(null);
  location.reload();
}

let answered = null;

function askForToken(error) {
  setToken(null);
  byId('content').hidden = true;
  byId('forget').hidden = true;
  byId('token').hidden = false;
  setText(byId('token-error'), error);
  setAttribute(byId('token-input'), 'aria-invalid', error !== '' && 'true');
  showConnection('unknown', 'Waiting for the token');
  document.title = 'Token needed: Activity Connector';
  byId('token-input').value = '';
  byId('token-name').value = name();
  byId('token-input').focus();
  return new Promise(resolve => answered = resolve);
}

byId('token-form').addEventListener('submit', event => {
  event.preventDefault();
  setToken(byId('token-input').value.trim());
  setName(byId('token-name').value.trim());
  setText(byId('token-error'), '');
  answered?.();
});

byId('forget').addEventListener('click', forgetToken);

byId('notice').lastElementChild.addEventListener('click', () => byId('notice').hidden = true);

function opened() {
  byId('notice').hidden = true;
  byId('token').hidden = true;
  byId('forget').hidden = !hasToken();
  showConnection('ok', 'Live');
  load();
}

async function connect() {
  for (let attempt = 0; ; attempt++) {
    try {
      // The first answer says whether a token is asked for.
      showStatus(await get('/api/v1/status'));
      await follow(() => {
        attempt = 0;
        opened();
      }, (name, value) => {
        if (name === 'status') showStatus(value);
        else if (name === 'events') arrived(value);
      });
    } catch (error) {
      if (error.status === 401) {
        await askForToken(hasToken() ? 'That is not the token of this connector.' : '');
        continue;
      }

      if (!(error instanceof Problem)) fail('The page has a defect; please report it.', error);
      else if (error.status !== 0) fail('', error);
    }

    await wait(Math.min(longestWait, 2 ** attempt));
  }
}

/** Until the connector is asked again. */
async function wait(seconds) {
  if (status !== null) {
    const verdict = lost(utc(status.at));
    showVerdict(verdict);
    document.title = `? ${verdict.sentence} Activity Connector`;
    speak(verdict.sentence);
  }

  for (let left = seconds; left > 0; left--) {
    showConnection('bad', `Not live: asking again in ${left} s`);
    await new Promise(resolve => setTimeout(resolve, 1000));
  }

  showConnection('bad', 'Not live: asking');
}

startEvents({ announce, fail });
setInterval(tick, 1000);
connect();
