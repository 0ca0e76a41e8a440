import './HomeView.css';
import { useState } from 'react';
import { useQuery } from 'urql';
import { GridCard } from '../components/GridCard';
import { GridSearch } from '../components/GridSearch';
import { Notice, Problem } from '../components/Notice';
import { formatNumber } from '../format';
import { graphql } from '../gql';

const BrowseGrids = graphql(`
  query BrowseGrids($after: String) {
    grids(first: 24, after: $after, filter: { minPackages: 2 }) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        slug
        ...GridCard_grid
      }
    }
  }
`);

/** All grids, to choose from. */
export function HomeView() {
  return (
    <>
      <title>Package grids, side by side</title>
      <section className="hero">
        <h1>Which Django package should I use?</h1>
        <p>
          A grid puts packages that serve the same purpose side by side: how many people starred them, when somebody
          last worked on them, and what else there is.
        </p>
        <GridSearch />
      </section>
      <GridPage after={null} />
    </>
  );
}

/** A page of grids; at its end, on demand, the next one. */
function GridPage({ after }: { after: string | null }) {
  const [more, setMore] = useState(false);
  const [{ data, error, fetching }, retry] = useQuery({ query: BrowseGrids, variables: { after } });
  const grids = data?.grids;

  if (fetching && !grids) return <CardsLoading />;
  if (error && !grids) return <Problem error={error} retry={() => retry({ requestPolicy: 'network-only' })} />;
  if (!grids?.nodes.length) return <Notice title="The catalogue has no grids" />;
  const { hasNextPage, endCursor } = grids.pageInfo;
  return (
    <>
      {!after && <h2>{formatNumber(grids.totalCount)} grids</h2>}
      <ul className="cards">
        {grids.nodes.map(grid => grid && (
          <li key={grid.slug}>
            <GridCard grid={grid} />
          </li>
        ))}
      </ul>
      {hasNextPage && !more && (
        <button type="button" className="more" onClick={() => setMore(true)}>
          Show more grids
        </button>
      )}
      {hasNextPage && more && <GridPage after={endCursor ?? null} />}
    </>
  );
}

function CardsLoading() {
  return (
    <div className="cards" role="status" aria-label="Loading the grids">
      {Array.from({ length: 6 }, (_, index) => (
        <div key={index} className="card placeholder" />
      ))}
    </div>
  );
}
