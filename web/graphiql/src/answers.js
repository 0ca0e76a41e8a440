// What is known of the last answers beside their text: how long they took, how large they are, where they came from.
import { useSyncExternalStore } from 'react';

const MAX_ANSWERS = 20;

let answers = [];
const listeners = new Set();

/** Remembers `facts` of the answer that GraphiQL shows as `text`. */
export function remember(text, facts) {
  answers = [{ text, facts }, ...answers.filter(each => each.text !== text)].slice(0, MAX_ANSWERS);
  for (const listener of listeners) listener();
}

/** The facts of the answer shown as `text`, or undefined when it came from elsewhere. */
export function useFacts(text) {
  const known = useSyncExternalStore(subscribe, () => answers);
  return text ? known.find(each => each.text === text)?.facts : undefined;
}

function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const numbers = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

export const milliseconds = value => `${numbers.format(value)} ms`;

export const bytes = value => {
  if (value < 1000) return `${value} bytes`;
  return value < 1_000_000 ? `${numbers.format(value / 1000)} kB` : `${numbers.format(value / 1_000_000)} MB`;
};

/** Where an answer came from, in words, from `Cache-Status` (RFC 9211) and `Server-Timing`; '' when it does not say. */
export function origin(headers) {
  const status = headers.get('cache-status') ?? '';
  if (/;\s*hit\b/.test(status)) return 'ready';
  if (!/;\s*fwd=/.test(status)) return '';
  const timing = headers.get('server-timing') ?? '';
  const took = /\bexecution;dur=([\d.]+)/.exec(timing)?.[1];
  const reads = /\bupstream;desc=(\d+)/.exec(timing)?.[1];
  return [
    took ? `executed in ${milliseconds(Number(took))}` : 'executed',
    reads && `${reads} upstream ${reads === '1' ? 'request' : 'requests'}`,
  ]
    .filter(Boolean)
    .join(', ');
}
