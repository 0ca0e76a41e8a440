import { useEffect, useState } from 'react';
import { type Client, type CombinedError, useClient } from 'urql';
import { present } from '../format';
import { type FragmentType, graphql } from '../gql';
import type { GridIndex_GridFragmentDoc } from '../gql/graphql';

const BrowseGrids = graphql(`
  query BrowseGrids($after: String) {
    grids(first: 100, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        ...GridIndex_grid
      }
    }
  }
`);

type Grids = FragmentType<typeof GridIndex_GridFragmentDoc>[];

/** What was read, by its client: whoever comes back finds their place at once. */
const known = new WeakMap<Client, Grids>();

/** Returns every grid of the catalogue, page after page of the connection, once all are there. */
export function useEveryGrid(): { grids: Grids | null; error: CombinedError | null; retry: () => void } {
  const client = useClient();
  const [grids, setGrids] = useState(() => known.get(client) ?? null);
  const [error, setError] = useState<CombinedError | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (known.has(client)) return;
    let left = false;
    readEveryGrid(client).then(
      read => {
        known.set(client, read);
        if (!left) setGrids(read);
      },
      (reason: CombinedError) => left || setError(reason),
    );
    return () => {
      left = true;
    };
  }, [client, attempt]);
  const retry = () => {
    setError(null);
    setAttempt(attempt + 1);
  };
  return { grids, error, retry };
}

async function readEveryGrid(client: Client, after: string | null = null): Promise<Grids> {
  const { data, error } = await client.query(BrowseGrids, { after });
  if (!data?.grids) throw error;
  const { nodes, pageInfo } = data.grids;
  const page = present(nodes);
  return pageInfo.hasNextPage ? [...page, ...(await readEveryGrid(client, pageInfo.endCursor))] : page;
}
