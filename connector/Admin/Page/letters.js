// Open dead letters, by what is wrong with them.

import { byId, element, setAttribute, setSince, setStrange, setText, since, sync } from './dom.js';
import { bytes, count, plain, utc } from './text.js';

const shownOfGroup = 20;

const stages = {
  map: 'not a record',
  page: 'not a record',
  size: 'too large',
  index: 'refused by the sink',
};

/** @param replay Called with the id of a letter that the sink refused, or null for all of them. */
export function showLetters(letters, isWhole, trouble, canChange, replay) {
  const all = byId('replay-all');
  all.onclick = () => {
    if (all.getAttribute('aria-disabled') !== 'true') replay(null);
  };
  setAttribute(all, 'hidden', !letters.some(letter => letter.stage === 'index'));
  setAttribute(all, 'aria-disabled', !canChange && 'true');
  const groups = new Map();
  for (const letter of letters) {
    const key = `${letter.stage} ${letter.reason}`;
    if (!groups.has(key)) groups.set(key, []);

    groups.get(key).push(letter);
  }

  setText(byId('letters-empty'), trouble ?? (letters.length === 0 ? 'None is open: whatever was read was delivered.' : isWhole ? '' : `The newest ${count(letters.length, 'letter')}:`));
  setAttribute(byId('letters-empty'), 'hidden', byId('letters-empty').textContent === '');
  sync(byId('letters'), [...groups], ([key]) => key, create, (node, [, group]) => update(node, group, canChange, replay));
}

function create() {
  return element('details', { class: 'letters' },
    element('summary', {}, element('span', { class: 'count' }), element('bdi', { class: 'reason' }), element('span', { class: 'muted' })),
    element('ul'));
}

function update(node, group, canChange, replay) {
  const [summary, list] = node.children;
  const [number, reason, stage] = summary.children;
  setText(number, String(group.length));
  setStrange(reason, group[0].reason);
  setText(stage, stages[group[0].stage] ?? plain(group[0].stage));
  sync(list, group.slice(0, shownOfGroup), letter => letter.id, letter => createLetter(letter, replay), (item, letter) => {
    setSince(item.firstChild, letter.at);
    const button = item.querySelector('button');
    if (button) setAttribute(button, 'aria-disabled', !canChange && 'true');
  });
}

function createLetter(letter, replay) {
  const button = element('button', {
    type: 'button',
    'aria-label': `Replay ${plain(letter.id)}`,
    'aria-describedby': 'read-only',
    click: () => {
      if (button.getAttribute('aria-disabled') !== 'true') replay(letter.id);
    },
  }, 'Replay');
  return element('li', {},
    since(letter.at),
    element('code', { title: utc(letter.at) }, plain(letter.id)),
    element('span', {}, element('bdi', {}, plain(letter.origin)), `, ${bytes(letter.bytes)}`),
    letter.stage === 'index' ? button : null);
}
