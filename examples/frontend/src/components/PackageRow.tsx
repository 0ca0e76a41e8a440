import './PackageRow.css';
import { useEffect, useRef } from 'react';
import { type FragmentType, unmask } from '../gql';
import { type Column, Columns_package, type Most } from './columns';

interface Props {
  package: FragmentType<typeof Columns_package>;
  columns: Column[];
  /** The column that rows are sorted by. */
  sorted: Column;
  most: Most;
  highlighted: boolean;
  picked: boolean;
  /** Whether another one may be picked. */
  pickable: boolean;
  onPick: () => void;
}

/** A package of a grid. */
export function PackageRow({ columns, sorted, most, highlighted, picked, pickable, onPick, ...props }: Props) {
  const shown = unmask(Columns_package, props.package);
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (!highlighted) return;
    row.current?.scrollIntoView({ block: 'center' });
    row.current?.focus({ preventScroll: true });
  }, [highlighted]);

  const state = [highlighted && 'highlighted', picked && 'picked'].filter(Boolean).join(' ') || undefined;
  return (
    <tr role="row" ref={row} tabIndex={-1} className={state} data-package={shown.slug}>
      <td role="cell" className="pick">
        <label>
          <input
            type="checkbox"
            aria-label={`Pick ${shown.title}`}
            checked={picked}
            disabled={!picked && !pickable}
            onChange={onPick}
          />
        </label>
      </td>
      {columns.map(column => {
        const className = column === sorted ? `${column.name} sorted` : column.name;
        return column.name === 'title' ? (
          <th key={column.name} scope="row" role="rowheader" className={className}>
            {column.cell(shown, most)}
          </th>
        ) : (
          <td key={column.name} role="cell" className={className}>
            {column.cell(shown, most)}
          </td>
        );
      })}
    </tr>
  );
}
