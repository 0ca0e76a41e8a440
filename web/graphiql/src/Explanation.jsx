import { bytes, milliseconds } from './answers.js';
import { readingOf, rowsOf } from './explanation.js';

const number = value => value.toLocaleString('en');

/** What it took to make an answer: in words, layer by layer, wave by wave, and what was used of each limit. */
export function Explanation({ notes, layers, waves, limits, milliseconds: took }) {
  const rows = rowsOf(layers);
  const longest = Math.max(...rows.map(row => row.milliseconds), 0.001);
  return (
    <div className="answer-panel explanation" tabIndex={0} role="region" aria-label="Explanation">
      <ul>
        {notes.map(note => (
          <li key={note}>
            <Note text={note} />
          </li>
        ))}
      </ul>
      {rows.length > 0 && (
        <table>
          <caption>{`Layers: ${milliseconds(took.total)} in all, ${milliseconds(took.waves)} in waves`}</caption>
          <thead>
            <tr>
              {['field', 'wave', 'parents', 'records', 'remembered', 'ms', 'resolver'].map(column => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={index}>
                <th scope="row" style={{ '--depth': row.depth }}>
                  {row.field}
                  {row.on && ` on ${row.on}`}
                </th>
                <td className="number">{row.wave ?? 'not reached'}</td>
                <td className="number">{number(row.parents)}</td>
                <td className="number">{number(row.records)}</td>
                <td className="number">{number(row.remembered)}</td>
                <td className="number took" style={{ '--share': row.milliseconds / longest }}>
                  {row.milliseconds.toFixed(2)}
                </td>
                <td>{row.function ?? 'in the record'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {waves.length > 0 && (
        <dl>
          {waves.map(wave => (
            <div key={wave.wave}>
              <dt>{`Wave ${wave.wave}`}</dt>
              <dd>{`${milliseconds(wave.milliseconds)}, ${readingOf(wave)}`}</dd>
            </div>
          ))}
        </dl>
      )}
      <dl>
        {limits.map(({ name, used, limit }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <meter aria-label={name} max={Math.max(limit, 1)} high={Math.max(limit, 1) / 2} value={Math.min(used, limit)} />
              {name.endsWith('bytes') ? `${bytes(used)} of ${bytes(limit)}` : `${number(used)} of ${number(limit)}`}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** A sentence, in which names stand between backticks. */
function Note({ text }) {
  return text.split('`').map((part, index) => (index % 2 ? <code key={index}>{part}</code> : part));
}
