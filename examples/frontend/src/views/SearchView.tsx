import './SearchView.css';
import { useState } from 'react';
import { useQuery } from 'urql';
import { useAddress } from '../address';
import { Misunderstood } from '../components/Misunderstood';
import { Notice, Problem } from '../components/Notice';
import { SearchHit } from '../components/SearchHit';
import { counted, present } from '../format';
import { graphql } from '../gql';

const SearchCatalogue = graphql(`
  query SearchCatalogue($words: String!, $after: String) {
    search(query: $words, first: 20, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        __typename
        ...SearchHit_result
      }
    }
  }
`);

/** The packages and grids that a search finds, best first. */
export function SearchView({ words }: { words: string }) {
  const { misunderstood } = useAddress();
  return (
    <div className="results">
      <title>{`“${words}” in the catalogue`}</title>
      <Misunderstood sentences={misunderstood} />
      {words.trim() ? <Results words={words.trim()} after={null} /> : <Notice alone title="Type what to look for" />}
    </div>
  );
}

/** A page of results; at its end, on demand, the next one. */
function Results({ words, after }: { words: string; after: string | null }) {
  const [more, setMore] = useState(false);
  const [{ data, error, fetching }, execute] = useQuery({ query: SearchCatalogue, variables: { words, after } });
  const found = data?.search;

  if (fetching && !found) return <ResultsLoading first={!after} />;
  if (error && !found) {
    return <Problem alone={!after} error={error} retry={() => execute({ requestPolicy: 'network-only' })} />;
  }
  if (!found?.totalCount) {
    return (
      <Notice alone title={`Nothing in the catalogue matches “${words}”`}>
        <p>Every word must begin a word of a package or a grid; fewer words find more.</p>
      </Notice>
    );
  }
  const { hasNextPage, endCursor } = found.pageInfo;
  return (
    <>
      {!after && (
        <h1>
          {counted(found.totalCount, 'result')} for “{words}”
        </h1>
      )}
      <ul>
        {present(found.nodes).map((hit, place) => (
          <SearchHit key={place} result={hit} />
        ))}
      </ul>
      {hasNextPage && !more && (
        <button type="button" onClick={() => setMore(true)}>
          Show more results
        </button>
      )}
      {hasNextPage && more && <Results words={words} after={endCursor ?? null} />}
    </>
  );
}

function ResultsLoading({ first }: { first: boolean }) {
  return (
    <div className="results-loading" role="status">
      {first && <h1 className="unseen">Searching</h1>}
      {Array.from({ length: 6 }, (_, index) => (
        <div key={index} className="placeholder" />
      ))}
    </div>
  );
}
