import { Link } from 'wouter';
import { gridAddress } from '../address';
import { activity, counted, formatAge, formatDate } from '../format';
import { type FragmentType, graphql, unmask } from '../gql';

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

/** An alternative in a list; `grids` holds the slugs of the grids that compare the package it stands in for. */
export function Alternative(props: { package: FragmentType<typeof Alternative_package>; grids: Set<string> }) {
  const { slug, title, repoDescription, repoWatchers, lastUpdated, grids } = unmask(Alternative_package, props.package);
  const shared = (grids ?? []).filter(grid => grid !== null).filter(grid => props.grids.has(grid.slug));
  return (
    <li>
      <strong>{title}</strong>
      <span>{counted(repoWatchers, 'star')}</span>
      {lastUpdated && (
        <span className={`age ${activity(lastUpdated)}`}>
          <time dateTime={lastUpdated} title={formatDate(lastUpdated)}>
            {formatAge(lastUpdated)}
          </time>
        </span>
      )}
      {repoDescription && <p>{repoDescription}</p>}
      <p className="shared">
        Compared in{' '}
        {shared.map(grid => (
          <Link key={grid.slug} href={gridAddress(grid.slug, slug)}>
            {grid.title}
          </Link>
        ))}
      </p>
    </li>
  );
}
