import './PackageGrids.css';
import { Link } from 'wouter';
import { gridAddress } from '../address';
import { present } from '../format';
import { type FragmentType, graphql, unmask } from '../gql';

const PackageGrids_package = graphql(`
  fragment PackageGrids_package on Package {
    slug
    grids {
      slug
      title
      description
    }
  }
`);

/** The grids that compare a package; each opens at its row. */
export function PackageGrids(props: { package: FragmentType<typeof PackageGrids_package> }) {
  const { slug, grids } = unmask(PackageGrids_package, props.package);
  const readable = present(grids).toSorted((one, other) => one.title.localeCompare(other.title, 'en'));
  if (!grids) return <p className="unknown">They could not be read.</p>;
  if (!readable.length) return <p className="unknown">No grid compares it.</p>;
  return (
    <ul className="package-grids">
      {readable.map(grid => (
        <li key={grid.slug}>
          <Link href={gridAddress(grid.slug, slug)}>{grid.title}</Link>
          {grid.description && <p>{grid.description}</p>}
        </li>
      ))}
    </ul>
  );
}
