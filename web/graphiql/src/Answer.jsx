import { pick, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import Papa from 'papaparse';
import { useMemo, useState } from 'react';

import { useFacts } from './answers.js';
import { wantExplanations } from './explanation.js';
import { Explanation } from './Explanation.jsx';
import { listsOf } from './rows.js';

const MAX_ROWS_SHOWN = 500;
const TABLE = 'table';
const EXPLANATION = 'explanation';

/** What stands under an answer: how long it took, how large it is, where it came from, its lists as tables, and what
 * it took to make it. */
export function Answer() {
  const { tabs, activeTabIndex } = useGraphiQL(pick('tabs', 'activeTabIndex'));
  const { response, title } = tabs[activeTabIndex];
  const facts = useFacts(response);
  const { run } = useGraphiQLActions();
  const answer = useMemo(() => parsed(response), [response]);
  const lists = useMemo(() => listsOf(answer?.data), [answer]);
  const explanation = answer?.extensions?.explain;
  const [view, setView] = useState();
  const [path, setPath] = useState('');
  const list = lists.find(each => each.path === path) ?? lists[0];

  function toggle(name) {
    const next = view === name ? undefined : name;
    setView(next);
    wantExplanations(next === EXPLANATION);
    if (next === EXPLANATION && response && !explanation) run();
  }

  return (
    <>
      {view === TABLE && list && <Table list={list} />}
      {view === EXPLANATION && explanation && <Explanation {...explanation} />}
      <div className="answer">
        <p role="status">{facts && <Facts {...facts} />}</p>
        <div className="answer-actions">
          {lists.length > 1 && (
            <select aria-label="List" value={list.path} onChange={event => setPath(event.target.value)}>
              {lists.map(each => (
                <option key={each.path} value={each.path}>
                  {`${each.path} (${each.rows.length})`}
                </option>
              ))}
            </select>
          )}
          {list && (
            <>
              <button type="button" aria-pressed={view === TABLE} onClick={() => toggle(TABLE)}>
                Table
              </button>
              <button type="button" onClick={() => download(list, `${title}-${list.path}.csv`)}>
                CSV
              </button>
            </>
          )}
          <button
            type="button"
            aria-pressed={view === EXPLANATION}
            title="Say what an answer takes, and why"
            onClick={() => toggle(EXPLANATION)}
          >
            Explain
          </button>
        </div>
      </div>
    </>
  );
}

function Facts({ status, time, size, origin }) {
  return [status !== 200 && `status ${status}`, time, size, origin].filter(Boolean).join(' · ');
}

function Table({ list: { path, columns, rows } }) {
  return (
    <div className="answer-panel answer-table" tabIndex={0} role="region" aria-label={path}>
      <table>
        <thead>
          <tr>
            {columns.map(column => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MAX_ROWS_SHOWN).map((row, index) => (
            <tr key={index}>
              {columns.map(column => (
                <td key={column} className={typeof row[column] === 'number' ? 'number' : undefined}>
                  <Cell value={row[column]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > MAX_ROWS_SHOWN && (
        <p>{`The first ${MAX_ROWS_SHOWN} of ${rows.length.toLocaleString('en')} rows; CSV has all.`}</p>
      )}
    </div>
  );
}

function Cell({ value }) {
  const text = String(value ?? '');
  if (!/^https?:\/\//.test(text)) return text;
  return (
    <a href={text} target="_blank" rel="noreferrer">
      {text}
    </a>
  );
}

function parsed(response) {
  try {
    return JSON.parse(response);
  } catch {
    return undefined; // no answer yet
  }
}

function download({ columns, rows }, name) {
  // A text that a spreadsheet would take for a formula gets an apostrophe before it.
  const text = Papa.unparse({ fields: columns, data: rows }, { escapeFormulae: true });
  const url = URL.createObjectURL(new Blob([`${text}\r\n`], { type: 'text/csv' }));
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url));
}
