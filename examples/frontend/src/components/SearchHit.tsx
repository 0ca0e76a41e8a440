import './SearchHit.css';
import { Link } from 'wouter';
import { gridAddress, packageAddress } from '../address';
import { counted, present } from '../format';
import { type FragmentType, graphql, unmask } from '../gql';
import { Age } from './Age';

const SearchHit_result = graphql(`
  fragment SearchHit_result on SearchResult {
    __typename
    ... on Grid {
      slug
      title
      description
      packageCount
    }
    ... on Package {
      slug
      title
      repoDescription
      repoWatchers
      lastUpdated
      pypiVersion
      category {
        title
      }
      grids {
        slug
        title
      }
    }
  }
`);

/** What a search found: a grid, or a package and the grids that compare it. */
export function SearchHit(props: { result: FragmentType<typeof SearchHit_result> }) {
  const hit = unmask(SearchHit_result, props.result);
  if (hit.__typename === 'Grid') {
    return (
      <li className="hit">
        <h2>
          <Link href={gridAddress(hit.slug)}>{hit.title}</Link> <span className="kind">Grid</span>
        </h2>
        {hit.description && <p>{hit.description}</p>}
        <p className="facts">{counted(hit.packageCount, 'package')} side by side</p>
      </li>
    );
  }
  const grids = present(hit.grids);
  return (
    <li className="hit">
      <h2>
        <Link href={packageAddress(hit.slug)}>{hit.title}</Link>{' '}
        <span className="kind">{hit.category?.title ?? 'Package'}</span>
      </h2>
      {hit.repoDescription && <p>{hit.repoDescription}</p>}
      <p className="facts">
        <span>{counted(hit.repoWatchers, 'star')}</span>
        <Age time={hit.lastUpdated} />
        {hit.pypiVersion && <span>{hit.pypiVersion} on PyPI</span>}
        {grids.length > 0 && (
          <span className="in">
            In{' '}
            {grids.map(({ slug, title }) => (
              <Link key={slug} href={gridAddress(slug, hit.slug)}>
                {title}
              </Link>
            ))}
          </span>
        )}
      </p>
    </li>
  );
}
