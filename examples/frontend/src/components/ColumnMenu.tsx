import { useChange, writeList } from '../address';
import { DEFAULT_COLUMNS } from '../options';
import { COLUMNS, type Column } from './columns';
import { Menu } from './Menu';

/** Chooses the columns of the table. */
export function ColumnMenu({ columns }: { columns: Column[] }) {
  const change = useChange();
  const shown = columns.map(({ name }) => name);
  const toggle = (name: string) => {
    const names = COLUMNS.map(each => each.name).filter(each => shown.includes(each) !== (each === name));
    const usual = String(names) === String(DEFAULT_COLUMNS);
    change({ columns: usual ? null : writeList(names) }, { replace: true });
  };
  return (
    <Menu icon="columns" label="Columns">
      {COLUMNS.slice(1).map(({ name, label }) => (
        <label key={name}>
          <input type="checkbox" checked={shown.includes(name)} onChange={() => toggle(name)} />
          {label}
        </label>
      ))}
    </Menu>
  );
}
