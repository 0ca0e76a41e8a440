import { explorerPlugin } from '@graphiql/plugin-explorer';
import { useGraphiQLActions } from '@graphiql/react';
import { useLayoutEffect, useRef, useState } from 'react';

import { makeOperable } from './operable.js';

function Arrow({ isOpen }) {
  return (
    <svg viewBox="0 0 5 8" width="16" height="8" fill="currentColor" data-opens data-on={isOpen || undefined}>
      <path transform={isOpen ? 'rotate(90 2.5 4)' : undefined} d="M0 0 5 4 0 8Z" />
    </svg>
  );
}

function Tick({ isOn }) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" data-on={isOn || undefined}>
      <rect x="2" y="2" width="12" height="12" rx="3" strokeWidth="1.5" />
      {isOn && <path d="m4.5 8 2.5 2.5 4.5-5" strokeWidth="2" />}
    </svg>
  );
}

const { icon, content: Explorer } = explorerPlugin({
  arrowOpen: <Arrow isOpen />,
  arrowClosed: <Arrow />,
  checkboxChecked: <Tick isOn />,
  checkboxUnchecked: <Tick />,
});

/** The explorer plugin, with a search among the fields, and operable by keyboard. */
function QueryBuilder() {
  const { run } = useGraphiQLActions();
  const [words, setWords] = useState('');
  const root = useRef(null);
  const name = words.trim();

  useLayoutEffect(() => makeOperable(root.current), []);

  const onKeyDown = event => {
    if (event.key !== 'Enter' || !event.target.matches('input')) return;
    event.preventDefault();
    if (event.target.type !== 'search') return run();
    if (name) root.current.querySelector(matching(name))?.click();
  };

  return (
    <section className="query-builder" aria-label="Query builder" ref={root} onKeyDown={onKeyDown}>
      <h2>Query builder</h2>
      <input
        type="search"
        placeholder="Find a field; Enter adds it"
        aria-label="Find a field; Enter adds the first"
        value={words}
        onChange={event => setWords(event.target.value)}
      />
      {name && <style>{`${rowsWithout(matching(name))} { display: none }`}</style>}
      <Explorer />
    </section>
  );
}

/** Selects the fields whose name holds a text, in whatever case. */
const matching = text => `[data-field-name*="${CSS.escape(text)}" i]`;

/** Selects the rows of other fields; the fields of an open one stand in a plain element after its row. */
const rowsWithout = match =>
  `.query-builder .graphiql-explorer-node:not(:has(${match})):not(:has(~ div:not([class]) ${match}))`;

export const queryBuilderPlugin = { title: 'Query builder', icon, content: QueryBuilder };
