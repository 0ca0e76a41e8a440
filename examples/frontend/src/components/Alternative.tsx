import './Alternative.css';
import { Link } from 'wouter';
import { comparisonAddress, packageAddress } from '../address';
import { counted, present } from '../format';
import { type FragmentType, graphql, unmask } from '../gql';
import { Age } from './Age';

const Alternative_package = graphql(`
  fragment Alternative_package on Package {
    slug
    title
    repoDescription
    repoWatchers
    lastUpdated
    grids {
      slug
      title
    }
  }
`);

interface Props {
  package: FragmentType<typeof Alternative_package>;
  /** The slug of the package that it stands in for. */
  to: string;
  /** The slugs of the grids that compare that one. */
  grids: Set<string>;
}

/** An alternative in a list, with the grids where both are side by side. */
export function Alternative({ to, grids, ...props }: Props) {
  const shown = unmask(Alternative_package, props.package);
  const shared = present(shown.grids).filter(grid => grids.has(grid.slug));
  return (
    <li className="alternative">
      <Link className="title" href={packageAddress(shown.slug)}>
        {shown.title}
      </Link>
      <span>{counted(shown.repoWatchers, 'star')}</span>
      <Age time={shown.lastUpdated} />
      {shown.repoDescription && <p>{shown.repoDescription}</p>}
      <p className="shared">
        Compare in{' '}
        {shared.map(grid => (
          <Link key={grid.slug} href={comparisonAddress(grid.slug, [to, shown.slug])}>
            {grid.title}
          </Link>
        ))}
      </p>
    </li>
  );
}
