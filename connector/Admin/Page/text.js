// Values as people read them.

const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const grouped = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 2 });

/** How far the connector's clock is ahead of the browser's, in milliseconds: ages are told by the connector's. */
let ahead = 0;

export function setClock(at) {
  ahead = Date.parse(at) - Date.now();
}

/** Text of strangers in one line: what is invisible or turns the order of letters is shown as JSON escapes it. What is cut ends with an ellipsis. */
export function plain(text, most = 300) {
  const whole = String(text ?? '');
  const cut = whole.length > most ? `${whole.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')}…` : whole;
  return cut.replace(invisible, escape);
}

/** The same for text of several lines: line ends and tabs stay. */
export function plainLines(text, most = 200_000) {
  return String(text ?? '').split('\n').map(line => line.split('\t').map(part => plain(part, most)).join('\t')).join('\n');
}

function escape(character) {
  return [...Array(character.length).keys()].map(i => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');
}

/** <code>2026-11-30 20:05:12.123 UTC</code> */
export function utc(time) {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : `${date.toISOString().replace('T', ' ').replace('Z', '').replace('.000', '')} UTC`;
}

/** The time of the day, with the date when that is not today's. */
export function shortUtc(time) {
  const [date, clock] = [new Date(time).toISOString().slice(0, 10), new Date(time).toISOString().slice(11, 19)];
  return date === new Date(Date.now() + ahead).toISOString().slice(0, 10) ? clock : `${date} ${clock}`;
}

/** Seconds since a time, by the connector's clock. */
export function age(time) {
  return (Date.now() + ahead - Date.parse(time)) / 1000;
}

/** <code>12 s</code>, <code>5 min</code>, <code>7 h</code>, <code>3 days</code> */
export function duration(seconds) {
  if (seconds < 60) return `${Math.max(0, Math.floor(seconds))} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${grouped.format(Math.floor(seconds / 86_400))} days`;
}

/** <code>5 min ago</code>; a clock that is a little ahead is no future. */
export function ago(time) {
  const seconds = age(time);
  if (seconds < -60) return `in ${duration(-seconds)}`;
  return seconds < 1 ? 'now' : `${duration(seconds)} ago`;
}

/** In full up to ten millions. */
export function number(value) {
  return value < 10_000_000 ? grouped.format(Math.round(value)) : compact.format(value);
}

export function exactNumber(value) {
  return grouped.format(value);
}

/** A rate: one decimal where that says something. */
export function rate(value) {
  return value > 0 && value < 10 ? value.toFixed(1) : number(value);
}

export function bytes(value) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }

  return `${unit > 0 && value < 100 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

export function count(value, one, many = `${one}s`) {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** <code>up_to_date</code> as words. */
export function words(name) {
  return plain(name).replaceAll('_', ' ');
}
