import type { ResultOf } from '@graphql-typed-document-node/core';
import { type FragmentType, graphql, isFragmentReady, useFragment } from './gql';

export const Row = graphql(`
  fragment Row on Package {
    nodeId
    title
    repoWatchers
    lastUpdated
    commitsOver52
  }
`);

export const Compare = graphql(`
  query Compare($slug: String!) {
    grid(slug: $slug) {
      title
      packages {
        ...Row
      }
      ...Rest @defer
    }
  }
`);

export const Rest = graphql(`
  fragment Rest on Grid {
    isLocked
    description
  }
`);

export function row(reference: FragmentType<typeof Row>): string {
  const { title, repoWatchers, lastUpdated } = useFragment(Row, reference);
  const watchers: number = repoWatchers;
  const updated: string | null | undefined = lastUpdated;
  return `${title}: ${watchers}, ${updated ?? 'never'}`;
}

export function rows(answer: ResultOf<typeof Compare>): string[] {
  return (answer.grid?.packages ?? []).flatMap(each => (each ? [row(each)] : []));
}

/** What is deferred may not be there yet, says the type; here it always is. */
export function rest(answer: ResultOf<typeof Compare>): string {
  const { grid } = answer;
  if (!grid || !isFragmentReady(Compare, Rest, grid)) return '';
  return useFragment(Rest, grid)?.description ?? '';
}

// @ts-expect-error A package has no such field.
export type Nope = ResultOf<typeof Row>['nope'];
