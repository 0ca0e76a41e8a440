import { graphql } from 'relay-runtime';

// Grid and package of one id: Relay must keep them apart by `nodeId`.
export const query = graphql`
  query compareQuery($slug: String!, $id: ID!) {
    package(slug: $slug) { ...compare_package }
    grid(id: $id) { id title }
    category(id: $id) { id title }
  }
`;

export const fragment = graphql`
  fragment compare_package on Package @refetchable(queryName: "compareRefetchQuery") {
    title
    repoWatchers
    grids { title packages { title } }
  }
`;

export const list = graphql`
  fragment compare_list on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" })
  @refetchable(queryName: "compareListQuery") {
    packages(first: $count, after: $cursor) @connection(key: "compare_packages") { edges { node { title } } }
  }
`;

// What is deferred and streamed comes with the rest; the network says so by `is_final`.
export const deferred = graphql`
  query compareDeferredQuery($slug: String!) {
    package(slug: $slug) { title ...compare_later @defer(label: "later") }
  }
`;

export const later = graphql`
  fragment compare_later on Package { slug grids @stream(initialCount: 1, label: "grids") { title } }
`;
