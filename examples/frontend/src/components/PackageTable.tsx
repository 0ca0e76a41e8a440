import './PackageTable.css';
import { useAddress, useChange, writeList } from '../address';
import { type FragmentType, unmask } from '../gql';
import { MAX_PICKED, type Options } from '../options';
import { type Column, Columns_package, mostOf } from './columns';
import { PackageRow } from './PackageRow';

interface Props {
  title: string;
  /** All packages of the grid: what the best of it are is seen among them. */
  packages: readonly FragmentType<typeof Columns_package>[];
  /** Those to be shown, in their order. */
  rows: readonly (FragmentType<typeof Columns_package> & { slug: string })[];
  options: Options;
}

/** Packages side by side, a row each; where the screen is narrow, a row is two lines. */
export function PackageTable({ title, packages, rows, options }: Props) {
  const { columns, sort, picked } = options;
  const { highlighted } = useAddress();
  const change = useChange();
  const most = mostOf(unmask(Columns_package, packages));

  const pick = (slug: string) => {
    const others = picked.filter(each => each !== slug);
    change({ pick: writeList(others.length < picked.length ? others : [...picked, slug]) }, { replace: true });
  };
  return (
    // The roles are said again: rows that are laid out otherwise would lose their own.
    <table role="table" className="packages">
      <caption className="unseen">{title}</caption>
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader" className="pick">
            <span className="unseen">Pick</span>
          </th>
          {columns.map(column => (
            <Heading key={column.name} column={column} sort={sort} />
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map(each => (
          <PackageRow
            key={each.slug}
            package={each}
            columns={columns}
            sorted={sort.column}
            most={most}
            highlighted={each.slug === highlighted}
            picked={picked.includes(each.slug)}
            pickable={picked.length < MAX_PICKED}
            onPick={() => pick(each.slug)}
          />
        ))}
      </tbody>
    </table>
  );
}

/** A column's heading, which sorts by it: names from A to Z first, all else the most first; then the other way. */
function Heading({ column, sort }: { column: Column; sort: Options['sort'] }) {
  const change = useChange();
  const sorted = column === sort.column;
  const down = sorted ? !sort.down : !['title', 'category'].includes(column.name);
  const direction = sort.down ? 'descending' : 'ascending';
  return (
    <th scope="col" role="columnheader" className={column.name} aria-sort={sorted ? direction : undefined}>
      {column.key ? (
        <button
          type="button"
          className="bare"
          onClick={() => change({ sort: down ? `-${column.name}` : column.name }, { replace: true })}
        >
          {column.label}
        </button>
      ) : (
        <span>{column.label}</span>
      )}
    </th>
  );
}
