import './GridPackages.css';
import { useAddress, useChange, writeList } from '../address';
import { counted, formatNumber } from '../format';
import { type FragmentType, graphql, unmask } from '../gql';
import { readOptions } from '../options';
import { ColumnMenu } from './ColumnMenu';
import { Columns_package, sortBy } from './columns';
import { Comparison } from './Comparison';
import { DownloadCsv } from './DownloadCsv';
import { categoriesOf, GridFilters, NO_FILTER, passes } from './GridFilters';
import { Misunderstood } from './Misunderstood';
import { Notice } from './Notice';
import { PackageTable } from './PackageTable';
import { PickBar } from './PickBar';
import { SortControl } from './SortControl';

const GridPackages_package = graphql(`
  fragment GridPackages_package on Package {
    slug
    title
    ...GridFilters_package
    ...Columns_package
    ...Comparison_package
    ...DownloadCsv_package
  }
`);

interface Props {
  /** The grid's slug. */
  slug: string;
  title: string;
  packages: readonly FragmentType<typeof GridPackages_package>[];
}

/** The packages of a grid as the address wants them: filtered, sorted, in a table; or some of them side by side. */
export function GridPackages({ slug, title, ...props }: Props) {
  const packages = unmask(GridPackages_package, props.packages);
  const address = useAddress();
  const change = useChange();

  const titles = new Map(packages.map(each => [each.slug, each.title]));
  const categories = categoriesOf(packages);
  const options = readOptions(address, new Set(titles.keys()), categories);
  const { filter, sort, columns, picked, comparing } = options;

  const drop = (dropped: string) => {
    const left = picked.filter(each => each !== dropped);
    change({ pick: writeList(left), ...(left.length < 2 && { compare: null }) }, { replace: true });
  };

  const order = sortBy(sort.column, sort.down);
  const rows = packages
    .filter(each => passes(filter, each))
    .toSorted((one, other) => order(unmask(Columns_package, one), unmask(Columns_package, other)));
  return (
    <>
      <Misunderstood sentences={options.misunderstood} />
      {comparing ? (
        <>
          <button type="button" className="back" onClick={() => change({ compare: null })}>
            Back to the table
          </button>
          <Comparison packages={picked.flatMap(each => packages.find(found => found.slug === each) ?? [])} onDrop={drop} />
        </>
      ) : (
        <>
          <div className="tools">
            <GridFilters filter={filter} categories={categories} />
            <p className="count" role="status">
              {rows.length < packages.length
                ? `${formatNumber(rows.length)} of ${counted(packages.length, 'package')}`
                : counted(packages.length, 'package')}
            </p>
            <div className="actions">
              <SortControl sort={sort} />
              <ColumnMenu columns={columns} />
              <DownloadCsv packages={rows} name={slug} />
            </div>
          </div>
          {rows.length > 0 && <PackageTable title={title} packages={packages} rows={rows} options={options} />}
          {rows.length === 0 && (
            <Notice title="No package of this grid is like that">
              <button type="button" onClick={() => change(NO_FILTER)}>
                Show all
              </button>
            </Notice>
          )}
          <PickBar picked={picked} titles={titles} onDrop={drop} />
        </>
      )}
    </>
  );
}
