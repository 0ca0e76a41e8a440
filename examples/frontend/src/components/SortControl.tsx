import './SortControl.css';
import { useChange } from '../address';
import type { Options } from '../options';
import { COLUMNS } from './columns';

/** The order of the rows, where there is no room for the headings that choose it. */
export function SortControl({ sort }: { sort: Options['sort'] }) {
  const change = useChange();
  const set = (name: string, down: boolean) => change({ sort: down ? `-${name}` : name }, { replace: true });
  return (
    <div className="sort">
      <select aria-label="Sort by" value={sort.column.name} onChange={event => set(event.target.value, sort.down)}>
        {COLUMNS.filter(({ key }) => key).map(({ name, label }) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </select>
      <button
        type="button"
        aria-label={sort.down ? 'Downwards; sort upwards' : 'Upwards; sort downwards'}
        onClick={() => set(sort.column.name, !sort.down)}
      >
        {sort.down ? '↓' : '↑'}
      </button>
    </div>
  );
}
